#include "servable/model_server/rest_api_handler.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "servable/base/status.h"
#include "servable/base/utf8.h"
#include "servable/model_server/open_calls.h"
#include "servable/model_server/thread_call.h"
#include "servable/serving/json_defaults.h"
#include "tensorflow/cc/saved_model/loader.h"
#include "tensorflow_serving/apis/model.pb.h"
#include "tensorflow_serving/core/servable_handle.h"
#include "tensorflow_serving/model_servers/http_rest_api_util.h"
#include "tensorflow_serving/model_servers/server_core.h"
#include "tensorflow_serving/util/json_tensor.h"

namespace magenta_serving {
namespace {

// Bytes of an error's text, as TensorFlow Serving has it over gRPC: a longer one may quote all that
// a client sent.
constexpr size_t kMaxErrorLength = 1024;

absl::Status Shortened(const absl::Status& status) {
  const absl::string_view text = status.message();
  if (text.size() <= kMaxErrorLength) return status;
  return absl::Status(status.code(), absl::StrCat(text.substr(0, kMaxErrorLength), "...TRUNCATED"));
}

}  // namespace

absl::StatusOr<std::string> RestApiHandler::WithDefaults(absl::string_view http_method,
                                                         absl::string_view request_path,
                                                         absl::string_view request_body) const {
  MS_RETURN_IF_ERROR(CheckJsonDepth(request_body));
  std::string name, method, subresource;
  absl::optional<int64_t> version;
  absl::optional<std::string> label;
  bool parsed = false;
  const absl::Status status = tensorflow::serving::ParseModelInfo(
      http_method, request_path, &name, &version, &label, &method, &subresource, &parsed);
  if (!status.ok() || !parsed || http_method != "POST" || method != "predict") return "";
  tensorflow::serving::ModelSpec spec;
  tensorflow::serving::ServableHandle<tensorflow::SavedModelBundle> bundle;
  if (!tensorflow::serving::FillModelSpecWithNameVersionAndLabel(name, version, label, &spec)
           .ok() ||
      !core_->GetServableHandle(spec, &bundle).ok()) {
    return "";
  }
  return AddJsonDefaults(request_body, bundle->meta_graph_def.signature_def());
}

absl::Status RestApiHandler::ProcessRequest(
    absl::string_view http_method, absl::string_view request_path, absl::string_view request_body,
    std::vector<std::pair<std::string, std::string>>* headers, std::string* model_name,
    std::string* method, std::string* output) {
  OpenCalls& calls = OpenCalls::Get();
  const absl::StatusOr<std::string> completed =
      calls.refusing() ? absl::UnavailableError("the server is shutting down")
                       : WithDefaults(http_method, request_path, request_body);
  absl::Status status = completed.status();
  if (!status.ok()) {
    headers->clear();
    tensorflow::serving::AddHeaders(headers);
    output->clear();
  } else {
    calls.Begin();
    CurrentCall() = ThreadCall();
    status = handler_.ProcessRequest(http_method, request_path,
                                     completed->empty() ? request_body : *completed, headers,
                                     model_name, method, output);
    if (!CurrentCall()->request_id.empty())
      headers->emplace_back("X-Request-ID", CurrentCall()->request_id);
    CurrentCall().reset();
    calls.End();
  }
  if (status.ok()) return status;
  // TensorFlow Serving says nothing about some malformed paths, and all about long names.
  if (output->empty() || output->size() > kMaxErrorLength) {
    output->clear();
    tensorflow::serving::MakeJsonFromStatus(Shortened(status), output);
  }
  *output = ReplaceInvalidUtf8(*output);
  return status;
}

}  // namespace magenta_serving
