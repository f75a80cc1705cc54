// What a bundle is, for people: generator, layers, vocabulary, era.
#ifndef MAGENTA_SERVING_SERVING_BUNDLE_INFO_H_
#define MAGENTA_SERVING_SERVING_BUNDLE_INFO_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "servable/bundle/bundle.h"
#include "servable/generation/generator_registry.h"

namespace magenta_serving {

struct BundleInfo {
  std::string path;
  int64_t bytes = 0;
  std::string generator_id;
  std::string description;  // of the generator
  std::string bundle_description;
  std::string tensorflow_version;  // that wrote the graph
  std::string family;
  std::string config;  // of Magenta's configs with this generator id, the one that the graph fits
  std::map<std::string, int> config_values;
  std::string engine;      // what runs the network: "native" or "tensorflow"
  std::string not_native;  // why it is not the native engine, where that was asked for; or empty
  int batch_size = 0;
  int input_size = 0;
  int num_classes = 0;  // 0 where events are not drawn from classes
  std::vector<int> state_sizes;  // of the graph's state tensors
  std::vector<int>
      layers;  // hidden units of each recurrent layer; empty where the graph does not tell
  int attention_length = 0;  // steps that the attention looks back; 0 without attention
  int64_t parameters = 0;    // trainable values
};

// All but the path, which the caller knows.
BundleInfo DescribeBundle(const Bundle& bundle, const LoadedGenerator& loaded);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_SERVING_BUNDLE_INFO_H_
