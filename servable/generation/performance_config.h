// The configs of the performance_rnn family, as default_configs of
// magenta/models/performance_rnn/performance_model.py.
#ifndef MAGENTA_SERVING_GENERATION_PERFORMANCE_CONFIG_H_
#define MAGENTA_SERVING_GENERATION_PERFORMANCE_CONFIG_H_

#include <memory>
#include <string>
#include <vector>

#include "servable/encoding/conditional_event_sequence_encoder_decoder.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"
#include "servable/encoding/note_performance_encoder_decoder.h"
#include "servable/encoding/performance_control_encoder.h"
#include "servable/music/performance_event.h"

namespace magenta_serving {

using PerformanceEncoderDecoder = EventSequenceEncoderDecoder<PerformanceEvent>;
using ConditionalPerformanceEncoderDecoder =
    ConditionalEventSequenceEncoderDecoder<PerformanceControl, PerformanceEvent>;

// How the model sees an event.
enum class PerformanceInput {
  kOneHot,
  kOneHotIndex,  // "compact": the graph makes it one-hot
  kModulo,
  kNote,  // events are notes, NotePerformanceEvents
};

struct PerformanceConfig {
  std::string name;
  // In bundles. The compact config writes that of performance_with_dynamics.
  std::string id;
  int num_velocity_bins = 0;  // 0: velocities are not generated
  PerformanceInput input = PerformanceInput::kOneHot;
  PerformanceControlEncoder::Signals signals;

  bool is_conditioned() const { return signals.note_density || signals.pitch_histogram; }

  // The encoder of a config without conditioning whose events are not notes.
  std::unique_ptr<const PerformanceEncoderDecoder> MakeEncoderDecoder() const;

  // That of a config with conditioning.
  std::unique_ptr<const ConditionalPerformanceEncoderDecoder> MakeConditionalEncoderDecoder() const;

  // That of a config whose events are notes.
  std::unique_ptr<const NotePerformanceEncoderDecoder> MakeNoteEncoderDecoder() const;

  // Length of an encoded event, with its control.
  int input_size() const;
};

// In Magenta's order.
const std::vector<PerformanceConfig>& PerformanceConfigs();

// The config of a bundle: by its id and, where two configs share that, by the size of its graph's
// inputs. The first with the id when none has that size; null when none has the id.
const PerformanceConfig* FindPerformanceConfig(const std::string& id, int input_size);

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_GENERATION_PERFORMANCE_CONFIG_H_
