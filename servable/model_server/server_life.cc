// Drains tensorflow_model_server on SIGTERM and SIGINT, which its main function does not know: health
// says NOT_SERVING, no new requests are taken, those that run get $SHUTDOWN_GRACE_SECONDS (30) to
// finish, and the process ends with 0, or with 1 if some were still running.
//
// gRPC's global callbacks are the way in: they hand over the server before it starts, and the
// context of every call on the thread that answers it. They bound the size of messages, too, which
// TensorFlow Serving sets to 2 GiB, and refuse compressed ones, which gRPC inflates whatever their
// size.
#include <semaphore.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server.h"
#include "grpcpp/support/channel_arguments.h"
#include "servable/model_server/open_calls.h"
#include "servable/model_server/request_size.h"
#include "servable/model_server/thread_call.h"
#include "tensorflow/core/platform/logging.h"

namespace magenta_serving {
namespace {

// In which answers that were computed go out.
constexpr absl::Duration kLastAnswers = absl::Milliseconds(500);

std::atomic<grpc::Server*> running_server{nullptr};
sem_t stop_requested;

class ServerCallbacks : public grpc::Server::GlobalCallbacks {
 public:
  void UpdateArguments(grpc::ChannelArguments* arguments) override {
    constexpr int kNoCompression = 1;  // a bit for each algorithm
    Set(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, kNoCompression, arguments);
    Set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, MaxRequestBytes(), arguments);
  }

  void PreServerStart(grpc::Server* server) override { running_server = server; }

  void PreSynchronousRequest(grpc::ServerContext* context) override {
    OpenCalls::Get().Begin();
    CurrentCall() = ThreadCall{context, ""};
  }

  void PostSynchronousRequest(grpc::ServerContext*) override {
    CurrentCall().reset();
    OpenCalls::Get().End();
  }

 private:
  // Sets an argument in its place, if it is there: of two of one name, gRPC takes the first.
  static void Set(const char* name, int value, grpc::ChannelArguments* arguments) {
    const grpc_channel_args given = arguments->c_channel_args();
    for (size_t i = 0; i < given.num_args; ++i) {
      if (absl::string_view(given.args[i].key) != name) continue;
      given.args[i].value.integer = value;
      return;
    }
    arguments->SetInt(name, value);
  }
};

absl::Duration GracePeriod() {
  double seconds = 30;
  const char* const text = std::getenv("SHUTDOWN_GRACE_SECONDS");
  if (text != nullptr && (!absl::SimpleAtod(text, &seconds) || !(seconds >= 0))) {
    LOG(FATAL) << "SHUTDOWN_GRACE_SECONDS is '" << text
               << "'; it must be a number of seconds, 0 or more";
  }
  return absl::Seconds(seconds);
}

// Returns the exit status.
int Drain(grpc::Server* server, absl::Duration grace) {
  OpenCalls& calls = OpenCalls::Get();
  LOG(INFO) << "Draining: " << calls.count() << " requests unfinished";
  if (server->GetHealthCheckService() != nullptr)
    server->GetHealthCheckService()->SetServingStatus(false);
  calls.RefuseMore();
  // Returns when all streams have ended, and clients may watch the health as long as they like.
  std::thread([server, grace] {
    server->Shutdown(std::chrono::system_clock::now() + absl::ToChronoNanoseconds(grace));
  }).detach();
  const auto start = std::chrono::steady_clock::now();
  do {
    const auto passed = absl::FromChrono(std::chrono::steady_clock::now() - start);
    if (!calls.AwaitNone(grace - passed)) {
      LOG(ERROR) << "Ending with " << calls.count() << " requests unfinished";
      return 1;
    }
    absl::SleepFor(kLastAnswers);
  } while (calls.count() > 0);
  return 0;
}

void WaitAndStop(absl::Duration grace) {
  while (sem_wait(&stop_requested) != 0) continue;
  // Whoever presses Ctrl+C again does not want to wait.
  std::signal(SIGINT, SIG_DFL);
  grpc::Server* const server = running_server;
  // Not std::exit: threads still use what it would destroy.
  std::_Exit(server == nullptr ? 0 : Drain(server, grace));
}

[[maybe_unused]] const bool installed = [] {
  grpc::Server::SetGlobalCallbacks(new ServerCallbacks());  // gRPC's to delete.
  sem_init(&stop_requested, 0, 0);
  for (const int number : {SIGTERM, SIGINT})
    std::signal(number, [](int) { sem_post(&stop_requested); });
  std::thread(WaitAndStop, GracePeriod()).detach();
  return true;
}();

}  // namespace
}  // namespace magenta_serving
