// ClientWatch: whether the client of the gRPC call that a thread answers still waits for it.
//
// REST has nothing of the kind: libevent does not look at a connection while its request is worked
// on, so there --rest_api_timeout_in_ms is what ends a request.
#ifndef MAGENTA_SERVING_MODEL_SERVER_CLIENT_WATCH_H_
#define MAGENTA_SERVING_MODEL_SERVER_CLIENT_WATCH_H_

#include "grpcpp/server_context.h"
#include "servable/generation/cancellation.h"

namespace magenta_serving {

// While it lives, its cancellation follows the client of the gRPC call that the thread answers, within
// some hundredths of a second; it stays as it is on a thread that answers none.
class ClientWatch {
 public:
  ClientWatch();
  ~ClientWatch();

  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;

  const Cancellation& cancellation() const { return cancellation_; }

 private:
  friend class ClientWatcher;

  const grpc::ServerContext* const context_;
  Cancellation cancellation_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_CLIENT_WATCH_H_
