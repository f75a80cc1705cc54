#include "servable/music/midi_ticks.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace magenta_serving {

TickMap::TickMap(double tick_scale) : changes_{{0, tick_scale}}, start_times_{0.0} {}

void TickMap::AddChange(int64_t tick, double tick_scale) {
  const size_t last = changes_.size() - 1;
  const int64_t last_tick = changes_[last].tick;
  if (tick >= last_tick) {
    // The last stretch now ends at `tick`, inclusive. What lay after that tick keeps its writer.
    const auto after = written_by_.upper_bound(tick + 1);
    if (after != written_by_.begin()) written_by_[tick + 1] = std::prev(after)->second;
    written_by_.erase(written_by_.lower_bound(last_tick), written_by_.upper_bound(tick));
    written_by_[last_tick] = last;
    start_times_.push_back(TimeInStretch(last, tick));
  } else {
    start_times_.push_back(TimeInStretch(std::prev(written_by_.upper_bound(tick))->second, tick));
  }
  changes_.push_back({tick, tick_scale});
  max_change_tick_ = std::max(max_change_tick_, tick);
}

double TickMap::TimeInStretch(size_t stretch, int64_t tick) const {
  return start_times_[stretch] +
         changes_[stretch].tick_scale * static_cast<double>(tick - changes_[stretch].tick);
}

double TickMap::TickToTime(int64_t tick) const {
  const size_t last = changes_.size() - 1;
  if (tick >= changes_[last].tick) return TimeInStretch(last, tick);
  return TimeInStretch(std::prev(written_by_.upper_bound(tick))->second, tick);
}

std::optional<int64_t> TickMap::TimeToTick(double time) const {
  // Seconds need not increase with ticks, so these must be the very probes of numpy.searchsorted.
  // It puts NaN last.
  int64_t tick = 0;
  int64_t end = max_change_tick_ + 1;
  while (tick < end) {
    const int64_t middle = tick + ((end - tick) >> 1);
    if (TickToTime(middle) < time || std::isnan(time)) {
      tick = middle + 1;
    } else {
      end = middle;
    }
  }
  if (tick == max_change_tick_ + 1) {
    const double beyond = (time - TickToTime(max_change_tick_)) / changes_.back().tick_scale;
    const double rounded = std::nearbyint(static_cast<double>(max_change_tick_) + beyond);
    if (!(std::fabs(rounded) < std::ldexp(1.0, 62))) return std::nullopt;
    return static_cast<int64_t>(rounded);
  }
  if (tick > 0 && std::fabs(time - TickToTime(tick - 1)) < std::fabs(time - TickToTime(tick)))
    return tick - 1;
  return tick;
}

}  // namespace magenta_serving
