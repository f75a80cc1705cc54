#include "loaded_network.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace py = pybind11;

namespace magenta_serving {
namespace {

// The first `num_biases` values are the same in both states.
Floats StateFromGraph(const LoadedNetwork& loaded, int num_biases, const Floats& state) {
  const py::ssize_t size =
      std::accumulate(loaded.state_sizes.begin(), loaded.state_sizes.end(), py::ssize_t{0});
  if (state.ndim() != 2 || state.shape(1) != size)
    Raise(absl::InvalidArgumentError("state must have the shape [rows, state_size]"));
  if (loaded.batcher == nullptr) return state;
  const Network& network = loaded.batcher->network();
  Floats result({state.shape(0), static_cast<py::ssize_t>(num_biases + network.state_size())});
  for (py::ssize_t row = 0; row < state.shape(0); ++row) {
    const absl::Span<const float> from(state.data(row, 0), static_cast<size_t>(size));
    const std::vector<float> native = network.StateFromGraph(from.subspan(num_biases));
    float* to = std::copy_n(from.begin(), num_biases, result.mutable_data(row, 0));
    std::copy(native.begin(), native.end(), to);
  }
  return result;
}

}  // namespace

Floats StateFromGraph(const LoadedStepModel& loaded, const Floats& state) {
  return StateFromGraph(loaded, /*num_biases=*/0, state);
}

Floats StateFromGraph(const LoadedNadeModel& loaded, const Floats& state) {
  const Nade& nade = loaded.model->nade();
  return StateFromGraph(loaded, nade.num_hidden() + nade.num_dims(), state);
}

}  // namespace magenta_serving
