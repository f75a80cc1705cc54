// A numbering of single events, as OneHotEncoding of note_seq/encoder_decoder.py.
#ifndef MAGENTA_SERVING_ENCODING_ONE_HOT_ENCODING_H_
#define MAGENTA_SERVING_ENCODING_ONE_HOT_ENCODING_H_

#include "absl/status/statusor.h"

namespace magenta_serving {

// Implementations are immutable and so safe to share between threads. `Event` is comparable with
// ==.
template <class Event>
class OneHotEncoding {
 public:
  virtual ~OneHotEncoding() = default;

  virtual int num_classes() const = 0;

  // What stands for "nothing here", as before the beginning. EncodeEvent accepts it.
  virtual Event default_event() const = 0;

  // The class in [0, num_classes) of an event; ValueError for an event that has none. Encodings that
  // say so may give an event beyond their range a class beyond num_classes, as Python's do.
  virtual absl::StatusOr<int> EncodeEvent(const Event& event) const = 0;

  // The event of a class in [0, num_classes).
  virtual absl::StatusOr<Event> DecodeEvent(int index) const = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_ONE_HOT_ENCODING_H_
