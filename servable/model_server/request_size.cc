// Bounds what the REST port reads of a request, which TensorFlow Serving leaves open. Its HTTP
// server makes libevent's in one place, and the binary is linked so that it gets the one below
// (--wrap=evhttp_new). A body that is too large gets 413, a head 400.
#include "servable/model_server/request_size.h"

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "event2/http.h"
#include "tensorflow/core/platform/logging.h"

namespace magenta_serving {

int MaxRequestBytes() {
  int bytes = 16 << 20;
  const char* const text = std::getenv("MAX_REQUEST_BYTES");
  if (text != nullptr && (!absl::SimpleAtoi(text, &bytes) || bytes < 1)) {
    LOG(FATAL) << "MAX_REQUEST_BYTES is '" << text
               << "'; it must be a number of bytes from 1 to 2147483647";
  }
  return bytes;
}

}  // namespace magenta_serving

extern "C" {

evhttp* __real_evhttp_new(event_base* base);

evhttp* __wrap_evhttp_new(event_base* base) {
  constexpr int kMaxHeadBytes = 64 << 10;
  evhttp* const http = __real_evhttp_new(base);
  if (http == nullptr) return nullptr;
  evhttp_set_max_headers_size(http, kMaxHeadBytes);
  evhttp_set_max_body_size(http, magenta_serving::MaxRequestBytes());
  return http;
}
}
