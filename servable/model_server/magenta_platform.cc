// Makes `magenta` a platform of tensorflow_model_server, beside `tensorflow`, through the registry
// that the server asks for its parts.
#include "servable/model_server/magenta_source_adapter.pb.h"
#include "servable/model_server/rest_api_handler.h"
#include "tensorflow_serving/model_servers/model_platform_types.h"
#include "tensorflow_serving/model_servers/server_init.h"

namespace magenta_serving {
namespace {

namespace init = tensorflow::serving::init;
using tensorflow::serving::PlatformConfigMap;
using tensorflow::serving::SessionBundleConfig;

constexpr char kMagentaPlatform[] = "magenta";

// With the server's flags only.
absl::Status SetupPlatforms(const SessionBundleConfig& config, PlatformConfigMap& platforms) {
  const absl::Status status = init::SetupPlatformConfigMapForTensorFlowImpl(config, platforms);
  (*platforms.mutable_platform_configs())[kMagentaPlatform]
      .mutable_source_adapter_config()
      ->PackFrom(MagentaSourceAdapterConfig());
  return status;
}

// With a platform config file: what it does not mention gets its defaults.
absl::Status CompletePlatforms(PlatformConfigMap& platforms) {
  PlatformConfigMap defaults;
  const absl::Status status = SetupPlatforms(SessionBundleConfig(), defaults);
  platforms.mutable_platform_configs()->insert(defaults.platform_configs().begin(),
                                               defaults.platform_configs().end());
  return status;
}

std::unique_ptr<tensorflow::serving::HttpRestApiHandlerBase> CreateRestApiHandler(
    int timeout_in_ms, tensorflow::serving::ServerCore* core) {
  return std::make_unique<RestApiHandler>(timeout_in_ms, core);
}

[[maybe_unused]] const bool registered = [] {
  init::TensorflowServingFunctionRegistration::GetRegistry()->Register(
      tensorflow::serving::kTensorFlowModelPlatform, SetupPlatforms, CompletePlatforms,
      CreateRestApiHandler, init::CreatePredictionServiceImpl);
  return true;
}();

}  // namespace
}  // namespace magenta_serving
