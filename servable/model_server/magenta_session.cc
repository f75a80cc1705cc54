#include "servable/model_server/magenta_session.h"

#include "servable/base/status.h"
#include "servable/model_server/client_watch.h"
#include "servable/serving/tensor_names.h"

namespace magenta_serving {

MagentaSession::MagentaSession(std::unique_ptr<const MagentaServable> servable,
                               const std::string& model_name)
    : servable_(std::move(servable)), metrics_(model_name, servable_->info().family) {}

absl::Status MagentaSession::Run(
    const tensorflow::RunOptions& run_options,
    const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
    const std::vector<std::string>& output_tensor_names,
    const std::vector<std::string>& target_node_names, std::vector<tensorflow::Tensor>* outputs,
    tensorflow::RunMetadata*) {
  if (!target_node_names.empty())
    return absl::InvalidArgumentError("a Magenta bundle has no target nodes");
  MS_ASSIGN_OR_RETURN(PredictCall call, ReadTensorNames(inputs, output_tensor_names));
  // Less than 0 for a request that was late when it came.
  const int64_t timeout = run_options.timeout_in_ms();
  const Deadline deadline = timeout == 0 ? kNoDeadline : DeadlineIn(timeout / 1e3);
  const ClientWatch client;
  MS_ASSIGN_OR_RETURN(TensorMap results,
                      metrics_.Predict(*servable_, call, deadline, &client.cancellation()));
  outputs->clear();
  for (const std::string& name : call.outputs) outputs->push_back(std::move(results.at(name)));
  return absl::OkStatus();
}

absl::Status MagentaSession::Run(
    const tensorflow::RunOptions& run_options,
    const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
    const std::vector<std::string>& output_tensor_names,
    const std::vector<std::string>& target_node_names, std::vector<tensorflow::Tensor>* outputs,
    tensorflow::RunMetadata* run_metadata, const tensorflow::thread::ThreadPoolOptions&) {
  return Run(run_options, inputs, output_tensor_names, target_node_names, outputs, run_metadata);
}

absl::Status MagentaSession::Run(
    const std::vector<std::pair<std::string, tensorflow::Tensor>>& inputs,
    const std::vector<std::string>& output_tensor_names,
    const std::vector<std::string>& target_node_names, std::vector<tensorflow::Tensor>* outputs) {
  return Run({}, inputs, output_tensor_names, target_node_names, outputs, nullptr);
}

absl::Status MagentaSession::ListDevices(std::vector<tensorflow::DeviceAttributes>* devices) {
  devices->clear();
  return absl::OkStatus();
}

}  // namespace magenta_serving
