// In place of TensorFlow Serving's TfLiteSession: TensorFlow's wheel carries nothing of TFLite, so
// --prefer_tflite_model ends in this error where there is a model.tflite.
#ifndef TENSORFLOW_SERVING_SERVABLES_TENSORFLOW_TFLITE_SESSION_H_
#define TENSORFLOW_SERVING_SERVABLES_TENSORFLOW_TFLITE_SESSION_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"
#include "tensorflow/core/public/session_options.h"
#include "tensorflow_serving/servables/tensorflow/serving_session.h"

namespace tensorflow {
namespace serving {

class TfLiteSession : public ServingSession {
 public:
  static absl::Status Create(std::string, const SessionOptions&, int, int,
                             std::unique_ptr<TfLiteSession>*,
                             google::protobuf::Map<std::string, SignatureDef>*) {
    return absl::UnimplementedError("this server is built without TensorFlow Lite");
  }
};

}  // namespace serving
}  // namespace tensorflow

#endif  // TENSORFLOW_SERVING_SERVABLES_TENSORFLOW_TFLITE_SESSION_H_
