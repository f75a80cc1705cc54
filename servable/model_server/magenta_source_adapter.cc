#include "servable/model_server/magenta_source_adapter.h"

#include <utility>

#include "servable/base/status.h"
#include "servable/generation/limits.h"
#include "servable/model_server/magenta_session.h"
#include "servable/model_server/magenta_source_adapter.pb.h"
#include "servable/serving/signatures.h"
#include "tensorflow/cc/saved_model/loader.h"
#include "tensorflow_serving/core/simple_loader.h"
#include "tensorflow_serving/resources/resource_util.h"
#include "tensorflow_serving/resources/resource_values.h"
#include "tensorflow_serving/servables/tensorflow/saved_model_warmup.h"

namespace magenta_serving {
namespace {

using tensorflow::SavedModelBundle;
using tensorflow::serving::Loader;
using tensorflow::serving::ResourceAllocation;

absl::StatusOr<ServableOptions> ReadConfig(const MagentaSourceAdapterConfig& config) {
  ServableOptions options;
  if (!config.engine().empty()) options.engine = config.engine();
  options.self_check = !config.skip_self_check();
  if (config.threads() != 0) options.threads = config.threads();
  MS_ASSIGN_OR_RETURN(options.limits, MakeLimits({config.limits().begin(), config.limits().end()}));
  MS_RETURN_IF_ERROR(CheckOptions(options));
  return options;
}

absl::Status Load(const std::string& path, const ServableOptions& options, bool warm_up,
                  bool log_requests,
                  const tensorflow::serving::ServableId& id,
                  std::unique_ptr<SavedModelBundle>* bundle) {
  MS_ASSIGN_OR_RETURN(std::unique_ptr<MagentaServable> servable,
                      MagentaServable::Load(path, options));
  *bundle = std::make_unique<SavedModelBundle>();
  auto& signature_defs = *(*bundle)->meta_graph_def.mutable_signature_def();
  for (const auto& [name, signature] : servable->signatures()) {
    signature_defs[name] = ToSignatureDef(signature);
  }
  (*bundle)->session = std::make_unique<MagentaSession>(std::move(servable), id, log_requests);
  if (!warm_up) return absl::OkStatus();
  return tensorflow::serving::RunSavedModelWarmup({}, {}, path, bundle->get());
}

absl::Status EstimateResources(const std::string& path, ResourceAllocation* estimate) {
  MS_ASSIGN_OR_RETURN(const int64_t bytes, EstimateRamBytes(path));
  tensorflow::serving::ResourceUtil::Options devices;
  devices.devices = {{tensorflow::serving::device_types::kMain, 1}};
  tensorflow::serving::ResourceUtil util(devices);
  util.SetQuantity(util.CreateBoundResource(tensorflow::serving::device_types::kMain,
                                            tensorflow::serving::resource_kinds::kRamBytes),
                   bytes, estimate);
  return absl::OkStatus();
}

struct MagentaSourceAdapterCreator {
  static absl::Status Create(
      const MagentaSourceAdapterConfig& config,
      std::unique_ptr<tensorflow::serving::SourceAdapter<tensorflow::serving::StoragePath,
                                                         std::unique_ptr<Loader>>>* adapter) {
    MS_ASSIGN_OR_RETURN(const ServableOptions options, ReadConfig(config));
    *adapter = std::make_unique<MagentaSourceAdapter>(options, !config.skip_warmup_requests(),
                                                      config.log_requests());
    return absl::OkStatus();
  }
};

}  // namespace

MagentaSourceAdapter::MagentaSourceAdapter(const ServableOptions& options, bool warm_up,
                                           bool log_requests)
    : options_(options), warm_up_(warm_up), log_requests_(log_requests) {}

MagentaSourceAdapter::~MagentaSourceAdapter() { Detach(); }

absl::Status MagentaSourceAdapter::Convert(const tensorflow::serving::StoragePath& path,
                                           std::unique_ptr<Loader>* loader) {
  using BundleLoader = tensorflow::serving::SimpleLoader<SavedModelBundle>;
  const BundleLoader::CreatorWithMetadata creator =
      [path, options = options_, warm_up = warm_up_, log_requests = log_requests_](
          const Loader::Metadata& metadata, std::unique_ptr<SavedModelBundle>* bundle) {
        return Load(path, options, warm_up, log_requests, metadata.servable_id, bundle);
      };
  *loader = std::make_unique<BundleLoader>(
      creator, [path](ResourceAllocation* estimate) { return EstimateResources(path, estimate); });
  return absl::OkStatus();
}

}  // namespace magenta_serving

// The macro names its helpers by the class, without a namespace.
namespace tensorflow {
namespace serving {
using magenta_serving::MagentaSourceAdapterConfig;
using magenta_serving::MagentaSourceAdapterCreator;
REGISTER_STORAGE_PATH_SOURCE_ADAPTER(MagentaSourceAdapterCreator, MagentaSourceAdapterConfig);
}  // namespace serving
}  // namespace tensorflow
