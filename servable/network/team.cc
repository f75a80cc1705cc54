#include "servable/network/team.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace magenta_serving {
namespace {

void Pause() {
#if defined(__SSE2__)
  _mm_pause();
#endif
}

constexpr int kPausesBeforeSleep = 2000;
constexpr int kPausesBeforeYield = 200;

uint64_t Parts(uint64_t ticket) { return (ticket >> 16) & 0xffff; }
uint64_t Next(uint64_t ticket) { return ticket & 0xffff; }

}  // namespace

Team::Team(int helpers) {
  for (int i = 0; i < helpers; ++i) helpers_.emplace_back([this] { Help(); });
}

Team::~Team() {
  ends_ = true;
  {
    absl::MutexLock lock(&mutex_);
    wake_.SignalAll();
  }
  for (std::thread& helper : helpers_) helper.join();
}

bool Team::HasPart() const {
  const uint64_t ticket = ticket_.load();
  return Next(ticket) < Parts(ticket);
}

bool Team::TakePart() {
  uint64_t ticket = ticket_.load();
  while (Next(ticket) < Parts(ticket)) {
    if (!ticket_.compare_exchange_weak(ticket, ticket + 1)) continue;
    // The round does not end before this part is done.
    (*work_.load())(static_cast<int>(Next(ticket)));
    done_.fetch_add(1);
    return true;
  }
  return false;
}

void Team::Run(int count, const std::function<void(int)>& work) {
  work_ = &work;
  done_ = 0;
  const uint64_t round = (ticket_.load() >> 32) + 1;
  ticket_ = round << 32 | static_cast<uint64_t>(count) << 16;
  if (asleep_.load() > 0) {
    absl::MutexLock lock(&mutex_);
    wake_.SignalAll();
  }
  while (TakePart()) {
  }
  for (int pauses = 1; done_.load() < count; ++pauses) {
    Pause();
    // A helper may have lost its core with a part in its hands.
    if (pauses % kPausesBeforeYield == 0) std::this_thread::yield();
  }
}

void Team::Help() {
  while (!ends_) {
    int pauses = 0;
    while (!TakePart() && ++pauses < kPausesBeforeSleep && !ends_) Pause();
    if (pauses < kPausesBeforeSleep) continue;
    absl::MutexLock lock(&mutex_);
    ++asleep_;
    while (!HasPart() && !ends_) wake_.Wait(&mutex_);
    --asleep_;
  }
}

}  // namespace magenta_serving
