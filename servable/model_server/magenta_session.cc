#include "servable/model_server/magenta_session.h"

#include <chrono>

#include "servable/base/status.h"
#include "servable/model_server/client_watch.h"
#include "servable/serving/tensor_names.h"

namespace magenta_serving {

MagentaSession::MagentaSession(std::unique_ptr<const MagentaServable> servable,
                               const tensorflow::serving::ServableId& id, bool log_requests)
    : servable_(std::move(servable)),
      metrics_(id.name, servable_->info().family),
      log_(log_requests ? std::make_optional<RequestLog>(id.name, id.version,
                                                         servable_->info().family)
                        : std::nullopt) {}

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
  const auto start = std::chrono::steady_clock::now();
  Usage usage;
  absl::StatusOr<TensorMap> results = servable_->Predict(
      call.signature, call.inputs, call.outputs, deadline, &client.cancellation(), &usage);
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  const RequestRecord record = {call.signature, results.status().code(), usage, passed.count()};
  metrics_.Count(record);
  if (log_) log_->Write(record);
  if (!results.ok()) return results.status();
  outputs->clear();
  for (const std::string& name : call.outputs) outputs->push_back(std::move(results->at(name)));
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
