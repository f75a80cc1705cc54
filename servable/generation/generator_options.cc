#include "servable/generation/generator_options.h"

#include <cmath>

#include "servable/base/python_format.h"
#include "servable/base/status.h"

namespace magenta_serving {

namespace {

// The arguments that are numbers of things.
constexpr const char* kCounts[] = {"beam_size", "branch_factor", "steps_per_iteration"};

}  // namespace

GenerateEventsOptions ReadGenerateEventsOptions(const GeneratorOptions& options) {
  GenerateEventsOptions result;
  const auto read = [&](const char* name, auto member, auto* value) {
    const auto found = options.args().find(name);
    if (found != options.args().end()) *value = (found->second.*member)();
  };
  using ArgValue = GeneratorOptions::ArgValue;
  read("temperature", &ArgValue::float_value, &result.temperature);
  read("beam_size", &ArgValue::int_value, &result.beam_search.beam_size);
  read("branch_factor", &ArgValue::int_value, &result.beam_search.branch_factor);
  read("steps_per_iteration", &ArgValue::int_value, &result.beam_search.steps_per_iteration);
  return result;
}

void SetGenerateEventsOptions(const Arguments& arguments, GeneratorOptions* options) {
  auto& args = *options->mutable_args();
  if (arguments.Has("temperature"))
    args["temperature"].set_float_value(arguments.Get<float>("temperature"));
  for (const char* name : kCounts) {
    if (arguments.Has(name)) args[name].set_int_value(arguments.Get<int32_t>(name));
  }
}

bool ReadFlag(const GeneratorOptions& options, const std::string& name) {
  const auto found = options.args().find(name);
  return found != options.args().end() && found->second.bool_value();
}

std::vector<ArgumentSpec> BeamArguments() {
  return {
      {"beam_size", 1, "Sequences kept by the beam search."},
      {"branch_factor", 1, "Continuations of each kept sequence that the beam search tries."},
  };
}

std::vector<ArgumentSpec> GenerateEventsArguments() {
  std::vector<ArgumentSpec> specs = BeamArguments();
  specs.insert(specs.begin(),
               ArgumentSpec{"temperature", 1.0f,
                            "Randomness: below 1 more predictable, above 1 more random."});
  specs.push_back({"steps_per_iteration", 1, "Steps between two choices of the beam search."});
  return specs;
}

absl::Status CheckGenerateEventsArguments(const Arguments& arguments) {
  if (arguments.Has("temperature")) {
    const float temperature = arguments.Get<float>("temperature");
    if (!std::isfinite(temperature) || temperature <= 0) {
      return absl::InvalidArgumentError(absl::StrCat("temperature is ", PyRepr(temperature),
                                                     "; it must be a finite number above 0"));
    }
  }
  for (const char* name : kCounts) {
    if (!arguments.Has(name)) continue;
    const int32_t value = arguments.Get<int32_t>(name);
    if (value < 1)
      return absl::InvalidArgumentError(
          absl::StrCat(name, " is ", value, "; it must be at least 1"));
  }
  return absl::OkStatus();
}

}  // namespace magenta_serving
