// MagentaSourceAdapter: from the path of a model's version to a loader of its bundle.
#ifndef MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SOURCE_ADAPTER_H_
#define MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SOURCE_ADAPTER_H_

#include <memory>

#include "servable/serving/servable.h"
#include "tensorflow_serving/core/loader.h"
#include "tensorflow_serving/core/source_adapter.h"
#include "tensorflow_serving/core/storage_path.h"

namespace magenta_serving {

// Takes version folders that hold one .mag file each. The loaders that it emits give a
// tensorflow::SavedModelBundle whose session is a MagentaSession, load as MagentaServable::Load
// does (a step of the network included) and replay the version's recorded requests, if it has any,
// as TensorFlow Serving does for SavedModels. The server makes it from a
// MagentaSourceAdapterConfig.
class MagentaSourceAdapter final
    : public tensorflow::serving::UnarySourceAdapter<tensorflow::serving::StoragePath,
                                                     std::unique_ptr<tensorflow::serving::Loader>> {
 public:
  // Without `warm_up`, recorded requests are not replayed.
  MagentaSourceAdapter(const ServableOptions& options, bool warm_up, bool log_requests);
  ~MagentaSourceAdapter() override;

 private:
  absl::Status Convert(const tensorflow::serving::StoragePath& path,
                       std::unique_ptr<tensorflow::serving::Loader>* loader) override;

  const ServableOptions options_;
  const bool warm_up_;
  const bool log_requests_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_MAGENTA_SOURCE_ADAPTER_H_
