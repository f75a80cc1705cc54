// The server's REST API with partial requests: an input that is left out takes the default of its
// signature, as over gRPC.
#ifndef MAGENTA_SERVING_MODEL_SERVER_REST_API_HANDLER_H_
#define MAGENTA_SERVING_MODEL_SERVER_REST_API_HANDLER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensorflow_serving/model_servers/http_rest_api_handler.h"

namespace magenta_serving {

// TensorFlow Serving's handler behind a filter: the defaults are written into the body of a Predict
// request, of any model whose signatures have some, and every error is told in a JSON object whose
// text is UTF-8. While the server drains, requests get UNAVAILABLE. Where requests are
// logged, the header X-Request-ID tells their ids. Thread-safe.
class RestApiHandler : public tensorflow::serving::HttpRestApiHandlerBase {
 public:
  // `core` must outlive the handler.
  RestApiHandler(int timeout_in_ms, tensorflow::serving::ServerCore* core)
      : core_(core), handler_(timeout_in_ms, core) {}

  absl::Status ProcessRequest(absl::string_view http_method, absl::string_view request_path,
                              absl::string_view request_body,
                              std::vector<std::pair<std::string, std::string>>* headers,
                              std::string* model_name, std::string* method,
                              std::string* output) override;

 private:
  // The body with defaults; nothing where there are none to add, or where the request names no
  // model that is served: TensorFlow Serving's handler then says what is wrong.
  absl::StatusOr<std::string> WithDefaults(absl::string_view http_method,
                                           absl::string_view request_path,
                                           absl::string_view request_body) const;

  tensorflow::serving::ServerCore* const core_;
  tensorflow::serving::HttpRestApiHandler handler_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_REST_API_HANDLER_H_
