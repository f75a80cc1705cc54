#include "servable/model_server/client_watch.h"

#include <set>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "servable/model_server/thread_call.h"

namespace magenta_serving {
namespace {

// Asking gRPC takes some microseconds: too long for every step of every sequence.
constexpr absl::Duration kInterval = absl::Milliseconds(20);

}  // namespace

// Asks gRPC about all calls in turn, on a thread that lives as long as the process.
class ClientWatcher {
 public:
  static ClientWatcher& Get() {
    static ClientWatcher& watcher = *new ClientWatcher();
    return watcher;
  }

  void Add(ClientWatch* watch) {
    absl::MutexLock lock(&mutex_);
    watches_.insert(watch);
  }

  // Nobody touches the watch or its context afterwards.
  void Remove(ClientWatch* watch) {
    absl::MutexLock lock(&mutex_);
    watches_.erase(watch);
  }

 private:
  ClientWatcher() { std::thread([this] { Run(); }).detach(); }

  [[noreturn]] void Run() {
    while (true) {
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(
            +[](std::set<ClientWatch*>* watches) { return !watches->empty(); }, &watches_));
        for (ClientWatch* watch : watches_) {
          if (watch->context_->IsCancelled()) watch->cancellation_.Cancel();
        }
      }
      absl::SleepFor(kInterval);
    }
  }

  absl::Mutex mutex_;
  std::set<ClientWatch*> watches_ ABSL_GUARDED_BY(mutex_);
};

ClientWatch::ClientWatch() : context_(CurrentCall() ? CurrentCall()->context : nullptr) {
  if (context_ != nullptr) ClientWatcher::Get().Add(this);
}

ClientWatch::~ClientWatch() {
  if (context_ != nullptr) ClientWatcher::Get().Remove(this);
}

}  // namespace magenta_serving
