// Ticks and seconds of a MIDI file with tempo changes, as pretty_midi 0.2.11 converts them
// (PrettyMIDI._tick_scales, _update_tick_to_time, tick_to_time, time_to_tick), in the same order of
// floating-point operations.
//
// pretty_midi keeps an array with the seconds of every tick up to the last, or up to the latest
// change. Here a tick's seconds are computed when asked for.
#ifndef MAGENTA_SERVING_MUSIC_MIDI_TICKS_H_
#define MAGENTA_SERVING_MUSIC_MIDI_TICKS_H_

#include <cstdint>
#include <optional>
#include <vector>

namespace magenta_serving {

class TickMap {
 public:
  struct TempoChange {
    int64_t tick;
    // Seconds per tick from here on; finite and not 0, negative for SMPTE divisions.
    double tick_scale;
  };

  // The tempo from tick 0 on.
  explicit TickMap(double tick_scale);

  // A change at `tick` >= 0. Changes may come in any order: each sets the seconds of all later
  // ticks anew.
  void AddChange(int64_t tick, double tick_scale);

  // All changes in the order they were added, the initial tempo first.
  const std::vector<TempoChange>& changes() const { return changes_; }

  // The seconds of a tick.
  double TickToTime(int64_t tick) const;

  // The tick nearest to `time` in seconds, the later of two equally near ones up to the latest
  // change, the even one beyond it, where the tempo of the last change added holds. Negative times
  // up to the first tick's are tick 0. Nothing if the result is not a number between -2**62 and
  // 2**62 exclusive.
  std::optional<int64_t> TimeToTick(double time) const;

 private:
  struct Stretch {
    int64_t start_tick;
    double start_time;
    double tick_scale;
  };

  std::vector<TempoChange> changes_;
  // What sets the seconds of which ticks, by increasing start tick, each up to the next's start.
  std::vector<Stretch> stretches_;
  int64_t max_change_tick_ = 0;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MUSIC_MIDI_TICKS_H_
