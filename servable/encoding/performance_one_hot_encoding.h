// Classes of performance events, as PerformanceOneHotEncoding of
// note_seq/performance_encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_PERFORMANCE_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_PERFORMANCE_ONE_HOT_ENCODING_H_

#include "absl/status/statusor.h"
#include "servable/encoding/one_hot_encoding.h"
#include "servable/music/performance_event.h"

namespace magenta_serving {

// The 128 NOTE_ONs come first, then the 128 NOTE_OFFs, the TIME_SHIFTs of 1 to kMaxShiftSteps and
// the VELOCITYs of 1 to num_velocity_bins, which may be 0.
class PerformanceOneHotEncoding : public OneHotEncoding<PerformanceEvent> {
 public:
  explicit PerformanceOneHotEncoding(int num_velocity_bins)
      : num_velocity_bins_(num_velocity_bins) {}

  int num_classes() const override;
  PerformanceEvent default_event() const override;  // the longest TIME_SHIFT

  // Values are not checked, as in Python: one beyond its type's range gets another type's class or
  // one beyond num_classes. ValueError for a type that has no classes.
  absl::StatusOr<int> EncodeEvent(const PerformanceEvent& event) const override;
  absl::StatusOr<PerformanceEvent> DecodeEvent(int index) const override;

 private:
  const int num_velocity_bins_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_PERFORMANCE_ONE_HOT_ENCODING_H_
