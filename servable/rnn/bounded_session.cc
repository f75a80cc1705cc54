#include "servable/rnn/bounded_session.h"

#include "absl/strings/str_cat.h"
#include "tensorflow/core/common_runtime/device_mgr.h"
#include "tensorflow/core/common_runtime/direct_session.h"
#include "tensorflow/core/common_runtime/threadpool_device.h"

namespace magenta_serving {
namespace {

using tensorflow::Session;
using tensorflow::Tensor;

// As NewSession makes one, but for the allocator of its device.
std::unique_ptr<Session> NewSession(const tensorflow::SessionOptions& options,
                                    tensorflow::Allocator* allocator) {
  constexpr int64_t kAnyMemory = 256 << 20;  // what TensorFlow says of a CPU
  auto device = std::make_unique<tensorflow::ThreadPoolDevice>(
      options, "/job:localhost/replica:0/task:0/device:CPU:0", tensorflow::Bytes(kAnyMemory),
      tensorflow::DeviceLocality(), allocator);
  return std::make_unique<tensorflow::DirectSession>(
      options, new tensorflow::DynamicDeviceMgr(std::move(device)), nullptr);
}

}  // namespace

BoundedSession::BoundedSession(const tensorflow::SessionOptions& options, size_t max_bytes)
    : allocator_(new LimitedAllocator(max_bytes)),
      session_(NewSession(options, allocator_)),
      watchdog_(std::make_unique<Watchdog>([this] { End(); })) {}

BoundedSession::~BoundedSession() {
  watchdog_.reset();
  session_->Close().IgnoreError();
  session_.reset();
  allocator_->Release();
}

absl::Status BoundedSession::Create(const tensorflow::GraphDef& graph) {
  return session_->Create(graph);
}

absl::Status BoundedSession::Run(const std::vector<std::pair<std::string, Tensor>>& feeds,
                                 const std::vector<std::string>& fetches,
                                 const std::vector<std::string>& targets,
                                 std::vector<Tensor>* outputs, std::chrono::seconds limit) {
  const Watchdog::Watch watch(watchdog_.get(), limit);
  return Explained(session_->Run(feeds, fetches, targets, outputs), limit);
}

absl::Status BoundedSession::MakeCallable(const tensorflow::CallableOptions& options,
                                          Session::CallableHandle* handle) {
  return session_->MakeCallable(options, handle);
}

absl::Status BoundedSession::RunCallable(Session::CallableHandle handle,
                                         const std::vector<Tensor>& feeds,
                                         std::vector<Tensor>* outputs,
                                         std::chrono::seconds limit) {
  const Watchdog::Watch watch(watchdog_.get(), limit);
  return Explained(session_->RunCallable(handle, feeds, outputs, nullptr), limit);
}

void BoundedSession::End() {
  // Loops see that they are cancelled; other operations only that there is no memory for them.
  session_->Close().IgnoreError();
  allocator_->set_limit(0);
}

absl::Status BoundedSession::Explained(const absl::Status& status,
                                       std::chrono::seconds limit) const {
  if (status.ok()) return status;
  if (watchdog_->has_bitten()) {
    return absl::DeadlineExceededError(
        absl::StrCat("it does not end within ", limit.count(), " seconds"));
  }
  if (!absl::IsResourceExhausted(status)) return status;
  // What follows the first line is advice to programmers.
  const absl::string_view message = status.message();
  return absl::ResourceExhaustedError(
      absl::StrCat("it takes more than ", allocator_->limit() >> 20, " MiB of memory: ",
                   message.substr(0, message.find('\n'))));
}

}  // namespace magenta_serving
