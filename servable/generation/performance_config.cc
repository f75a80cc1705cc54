#include "servable/generation/performance_config.h"

#include "servable/encoding/modulo_performance_encoder_decoder.h"
#include "servable/encoding/one_hot_index_event_sequence_encoder_decoder.h"
#include "servable/encoding/performance_one_hot_encoding.h"

namespace magenta_serving {

std::unique_ptr<const PerformanceEncoderDecoder> PerformanceConfig::MakeEncoderDecoder() const {
  if (input == PerformanceInput::kModulo) {
    return std::make_unique<ModuloPerformanceEncoderDecoder>(num_velocity_bins);
  }
  auto encoding = std::make_unique<PerformanceOneHotEncoding>(num_velocity_bins);
  if (input == PerformanceInput::kOneHotIndex) {
    return std::make_unique<OneHotIndexEventSequenceEncoderDecoder<PerformanceEvent>>(
        std::move(encoding));
  }
  return std::make_unique<OneHotEventSequenceEncoderDecoder<PerformanceEvent>>(std::move(encoding));
}

std::unique_ptr<const ConditionalPerformanceEncoderDecoder>
PerformanceConfig::MakeConditionalEncoderDecoder() const {
  return std::make_unique<ConditionalPerformanceEncoderDecoder>(
      std::make_unique<PerformanceControlEncoder>(signals), MakeEncoderDecoder());
}

std::unique_ptr<const NotePerformanceEncoderDecoder> PerformanceConfig::MakeNoteEncoderDecoder()
    const {
  return std::make_unique<NotePerformanceEncoderDecoder>(num_velocity_bins);
}

int PerformanceConfig::input_size() const {
  if (input == PerformanceInput::kNote) return MakeNoteEncoderDecoder()->input_size();
  if (is_conditioned()) return MakeConditionalEncoderDecoder()->input_size();
  return MakeEncoderDecoder()->input_size();
}

const std::vector<PerformanceConfig>& PerformanceConfigs() {
  using Input = PerformanceInput;
  using Signals = PerformanceControlEncoder::Signals;
  static const auto* configs = new std::vector<PerformanceConfig>{
      {"performance", "performance", 0, Input::kOneHot, Signals{}},
      {"performance_with_dynamics", "performance_with_dynamics", 32, Input::kOneHot, Signals{}},
      {"performance_with_dynamics_compact", "performance_with_dynamics", 32, Input::kOneHotIndex,
       Signals{}},
      {"performance_with_dynamics_and_modulo_encoding",
       "performance_with_dynamics_and_modulo_encoding", 32, Input::kModulo, Signals{}},
      {"performance_with_dynamics_and_note_encoding", "performance_with_dynamics_and_note_encoding",
       32, Input::kNote, Signals{}},
      {"density_conditioned_performance_with_dynamics",
       "density_conditioned_performance_with_dynamics", 32, Input::kOneHot, Signals{true}},
      {"pitch_conditioned_performance_with_dynamics", "pitch_conditioned_performance_with_dynamics",
       32, Input::kOneHot, Signals{false, true}},
      {"multiconditioned_performance_with_dynamics", "multiconditioned_performance_with_dynamics",
       32, Input::kOneHot, Signals{true, true}},
      {"optional_multiconditioned_performance_with_dynamics",
       "optional_multiconditioned_performance_with_dynamics", 32, Input::kOneHot,
       Signals{true, true, true}},
  };
  return *configs;
}

const PerformanceConfig* FindPerformanceConfig(const std::string& id, int input_size) {
  const PerformanceConfig* found = nullptr;
  for (const PerformanceConfig& config : PerformanceConfigs()) {
    if (config.id != id) continue;
    if (config.input_size() == input_size) return &config;
    if (found == nullptr) found = &config;
  }
  return found;
}

}  // namespace magenta_serving
