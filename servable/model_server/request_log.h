// RequestLog: a line on stderr for each request to a Magenta bundle, with nothing of its music.
#ifndef MAGENTA_SERVING_MODEL_SERVER_REQUEST_LOG_H_
#define MAGENTA_SERVING_MODEL_SERVER_REQUEST_LOG_H_

#include <cstdint>
#include <string>

#include "servable/serving/metrics.h"

namespace magenta_serving {

// Of one version of a model. Thread-safe.
class RequestLog {
 public:
  RequestLog(const std::string& model, int64_t version, const std::string& family)
      : model_(model), version_(version), family_(family) {}

  // Writes about the request that this thread answers; nothing where it answers none. The line is
  // a JSON object with the fields of the embedded server's (python/magenta_serving/server/
  // observer.py). The request's id is the client's x-request-id, where gRPC's metadata has one of
  // at most 64 letters, digits, '.', '_' and '-', else a new one; it goes back with the answer.
  void Write(const RequestRecord& record) const;

 private:
  const std::string model_;
  const int64_t version_;
  const std::string family_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_REQUEST_LOG_H_
