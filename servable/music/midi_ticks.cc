#include "servable/music/midi_ticks.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace magenta_serving {

TickMap::TickMap(double tick_scale) : changes_{{0, tick_scale}}, stretches_{{0, 0.0, tick_scale}} {}

void TickMap::AddChange(int64_t tick, double tick_scale) {
  const double time = TickToTime(tick);
  while (!stretches_.empty() && stretches_.back().start_tick >= tick) stretches_.pop_back();
  stretches_.push_back({tick, time, tick_scale});
  changes_.push_back({tick, tick_scale});
  max_change_tick_ = std::max(max_change_tick_, tick);
}

double TickMap::TickToTime(int64_t tick) const {
  const auto next = std::upper_bound(
      stretches_.begin(), stretches_.end(), tick,
      [](int64_t value, const Stretch& stretch) { return value < stretch.start_tick; });
  const Stretch& stretch = *std::prev(next);
  return stretch.start_time + stretch.tick_scale * static_cast<double>(tick - stretch.start_tick);
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
