#include "servable/batching/step_batcher.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "servable/batching/fiber.h"

namespace magenta_serving {

struct StepBatcher::Request {
  int unfinished = 0;   // tasks
  bool drives = false;  // whether its caller is one of the drivers
  absl::CondVar changed;
  std::exception_ptr thrown;
};

struct StepBatcher::Task : Fiber {
  Request* request = nullptr;

  // The steps that it waits for; none when it can go on.
  absl::Span<const SequenceSteps> sequences;
  int num_steps = 0;
  int next_step = 0;

  bool waits() const { return next_step < num_steps; }
};

namespace {

constexpr size_t kMaxIdle = 256;  // tasks whose stacks are kept

}  // namespace

StepBatcher::StepBatcher(std::shared_ptr<const Network> network, const BatchingOptions& options)
    : network_(std::move(network)), options_(options) {
  // About what fits in one core's own caches: beyond, two cores read faster than one.
  constexpr int64_t kLarge = 1 << 20;
  if (network_->num_weights() >= kLarge && options_.max_drivers > 1)
    team_ = std::make_unique<Team>(options_.max_drivers - 1);
}

StepBatcher::~StepBatcher() = default;

std::unique_ptr<StepBatcher::Task> StepBatcher::NewTask() {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Task> task = std::move(idle_.back());
      idle_.pop_back();
      return task;
    }
  }
  return std::make_unique<Task>();
}

absl::Status StepBatcher::Run(std::vector<std::function<void()>> functions) {
  const int count = static_cast<int>(functions.size());
  {
    absl::MutexLock lock(&mutex_);
    if (count > options_.max_in_flight - in_flight_) {
      return absl::ResourceExhaustedError(
          absl::StrCat(in_flight_, " sequences are being generated and ", count,
                       " more were asked for; max_in_flight is ", options_.max_in_flight));
    }
    in_flight_ += count;
  }
  const absl::Cleanup landed = [this, count] {
    absl::MutexLock lock(&mutex_);
    in_flight_ -= count;
  };
  Request request;
  request.unfinished = count;
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::function<void()>& function : functions) {
    tasks.push_back(NewTask());
    tasks.back()->request = &request;
    tasks.back()->Start(std::move(function));
  }

  mutex_.Lock();
  for (const auto& task : tasks) ready_.push_back(task.get());
  if (drivers_ < options_.max_drivers) {
    request.drives = true;
    ++drivers_;
  } else {
    sleeping_.push_back(&request);
    while (request.unfinished > 0 && !request.drives) request.changed.Wait(&mutex_);
    if (!request.drives) sleeping_.erase(std::find(sleeping_.begin(), sleeping_.end(), &request));
  }
  mutex_.Unlock();
  if (request.drives) Drive(&request);

  {
    absl::MutexLock lock(&mutex_);
    for (auto& task : tasks) {
      if (idle_.size() < kMaxIdle) idle_.push_back(std::move(task));
    }
  }
  if (request.thrown) std::rethrow_exception(request.thrown);
  return absl::OkStatus();
}

void StepBatcher::Drive(Request* request) {
  std::unique_ptr<Workspace> workspace = TakeWorkspace();
  std::vector<NetworkRow> rows;
  mutex_.Lock();
  while (request->unfinished > 0) {
    const std::vector<Task*> share = TakeShare();
    if (share.empty()) {
      // Another driver has its tasks, and will give them back after a step.
      request->changed.Wait(&mutex_);
      continue;
    }
    Team* const team = drivers_ == 1 && team_is_free_ ? team_.get() : nullptr;
    if (team != nullptr) team_is_free_ = false;
    mutex_.Unlock();
    Advance(share, &rows, workspace.get(), team);
    mutex_.Lock();
    if (team != nullptr) team_is_free_ = true;
    Return(share);
  }
  // Leaves its place to another, if there is anything to drive.
  if (sleeping_.empty()) {
    --drivers_;
  } else {
    Request* const next = sleeping_.front();
    sleeping_.pop_front();
    next->drives = true;
    next->changed.Signal();
  }
  mutex_.Unlock();
  ReturnWorkspace(std::move(workspace));
}

std::vector<StepBatcher::Task*> StepBatcher::TakeShare() {
  // Taken from the front and returned to the back: all advance equally often.
  const size_t most = (ready_.size() + held_ + drivers_ - 1) / drivers_;
  std::vector<Task*> share;
  size_t rows = 0;
  while (share.size() < most && !ready_.empty()) {
    // A task that will go on has as many rows as it had before, at a guess.
    const size_t more = std::max<size_t>(ready_.front()->sequences.size(), 1);
    if (!share.empty() && rows + more > static_cast<size_t>(options_.max_rows)) break;
    rows += more;
    share.push_back(ready_.front());
    ready_.pop_front();
  }
  held_ += share.size();
  return share;
}

void StepBatcher::Advance(const std::vector<Task*>& share, std::vector<NetworkRow>* rows,
                          Workspace* workspace, Team* team) const {
  rows->clear();
  const size_t input_size = network_->input_size();
  const size_t output_size = network_->output_size();
  for (Task* task : share) {
    if (!task->waits()) task->Resume();
    if (!task->waits()) continue;
    for (const SequenceSteps& sequence : task->sequences) {
      rows->push_back({sequence.inputs + task->next_step * input_size, sequence.state,
                       sequence.outputs + task->next_step * output_size});
    }
    ++task->next_step;
  }
  if (!rows->empty()) network_->Step(*rows, workspace, team);
}

void StepBatcher::Return(const std::vector<Task*>& share) {
  held_ -= share.size();
  for (Task* task : share) {
    Request* const request = task->request;
    bool finished = false;
    try {
      finished = task->Finished();
    } catch (...) {
      request->thrown = std::current_exception();
      finished = true;
    }
    if (!finished) {
      ready_.push_back(task);
    } else if (--request->unfinished == 0) {
      request->changed.Signal();
      continue;
    }
    // A driver that found nothing to do may have been waiting for this.
    if (request->drives) request->changed.Signal();
  }
}

void StepBatcher::Step(absl::Span<const SequenceSteps> sequences, int num_steps) {
  Fiber* const fiber = Fiber::Current();
  if (fiber != nullptr) {
    Task* const task = static_cast<Task*>(fiber);
    task->sequences = sequences;
    task->num_steps = num_steps;
    task->next_step = 0;
    task->Pause();
    return;
  }
  std::unique_ptr<Workspace> workspace = TakeWorkspace();
  std::vector<NetworkRow> rows(sequences.size());
  for (int step = 0; step < num_steps; ++step) {
    for (size_t i = 0; i < sequences.size(); ++i) {
      rows[i] = {sequences[i].inputs + static_cast<size_t>(step) * network_->input_size(),
                 sequences[i].state,
                 sequences[i].outputs + static_cast<size_t>(step) * network_->output_size()};
    }
    network_->Step(rows, workspace.get());
  }
  ReturnWorkspace(std::move(workspace));
}

std::unique_ptr<Workspace> StepBatcher::TakeWorkspace() {
  absl::MutexLock lock(&mutex_);
  if (workspaces_.empty()) return std::make_unique<Workspace>();
  std::unique_ptr<Workspace> workspace = std::move(workspaces_.back());
  workspaces_.pop_back();
  return workspace;
}

void StepBatcher::ReturnWorkspace(std::unique_ptr<Workspace> workspace) {
  absl::MutexLock lock(&mutex_);
  workspaces_.push_back(std::move(workspace));
}

}  // namespace magenta_serving
