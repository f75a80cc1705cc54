// Tables of a family's configs: vectors of structs with the `id` of their bundles.
#ifndef MAGENTA_SERVING_GENERATION_CONFIG_TABLE_H_
#define MAGENTA_SERVING_GENERATION_CONFIG_TABLE_H_

#include <string>
#include <vector>

#include "absl/algorithm/container.h"

namespace magenta_serving {

// The first config with this id, or null.
template <typename Config>
const Config* FindConfig(const std::vector<Config>& configs, const std::string& id) {
  const auto found =
      absl::c_find_if(configs, [&](const Config& config) { return config.id == id; });
  return found == configs.end() ? nullptr : &*found;
}

// The ids, each once.
template <typename Config>
std::vector<std::string> ConfigIds(const std::vector<Config>& configs) {
  std::vector<std::string> ids;
  for (const Config& config : configs) {
    if (!absl::c_linear_search(ids, config.id)) ids.push_back(config.id);
  }
  return ids;
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_CONFIG_TABLE_H_
