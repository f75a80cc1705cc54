// Named, typed values of a request: what a generator takes, with defaults, and what a caller gave.
#ifndef MAGENTA_SERVING_GENERATION_ARGUMENTS_H_
#define MAGENTA_SERVING_GENERATION_ARGUMENTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace magenta_serving {

// A scalar; the alternative is its type: string, int32, int64, float32 or bool.
using ArgumentValue = std::variant<std::string, int32_t, int64_t, float, bool>;

struct ArgumentSpec {
  std::string name;
  ArgumentValue default_value;
  std::string doc;  // one line for metadata, --help and pages
};

// Values by name. A generator reads each of its own arguments, so they are all there: given or
// default.
class Arguments {
 public:
  // The defaults of `specs`.
  explicit Arguments(const std::vector<ArgumentSpec>& specs) {
    for (const ArgumentSpec& spec : specs) values_[spec.name] = spec.default_value;
  }

  // Replaces the value of an argument; the type is that of its default.
  void Set(const std::string& name, ArgumentValue value) { values_[name] = std::move(value); }

  bool Has(const std::string& name) const { return values_.count(name) > 0; }

  template <typename T>
  const T& Get(const std::string& name) const {
    return std::get<T>(values_.at(name));
  }

 private:
  std::map<std::string, ArgumentValue> values_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_ARGUMENTS_H_
