// ThreadCall: the request that a thread answers.
//
// TensorFlow Serving's handlers do not hand a request's context on to the session that runs it. gRPC
// tells of it through its global callbacks (see server_life.cc), and RestApiHandler of REST's, on the
// thread of the request; sessions pick it up there.
#ifndef MAGENTA_SERVING_MODEL_SERVER_THREAD_CALL_H_
#define MAGENTA_SERVING_MODEL_SERVER_THREAD_CALL_H_

#include <optional>
#include <string>

#include "grpcpp/server_context.h"

namespace magenta_serving {

struct ThreadCall {
  grpc::ServerContext* context = nullptr;  // null for a request over REST
  std::string request_id;                  // in the log; empty while it has no line there
};

// That of this thread; nothing while it answers none, as when a loaded version is warmed up.
inline std::optional<ThreadCall>& CurrentCall() {
  thread_local std::optional<ThreadCall> call;
  return call;
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_THREAD_CALL_H_
