// A recurrent network over events that runs on the CPU's own kernels: its weights packed for them,
// and its step for any number of sequences at once.
#ifndef MAGENTA_SERVING_NETWORK_NETWORK_H_
#define MAGENTA_SERVING_NETWORK_NETWORK_H_

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "servable/network/aligned_buffer.h"
#include "servable/network/kernels.h"
#include "servable/network/network_spec.h"
#include "servable/network/team.h"

namespace magenta_serving {

// One sequence in a step. The memory is the caller's.
struct NetworkRow {
  const float* input = nullptr;  // [input_size]
  float* state = nullptr;        // [state_size]: read, then replaced
  float* output = nullptr;       // [output_size]: written
};

// Working space of steps. One for each thread; grows to what it needs and is kept.
class Workspace {
 public:
  Workspace() = default;

 private:
  friend class Network;

  // A value other than 0 of a row's input.
  struct Feature {
    int index = 0;
    float value = 0;
  };

  std::vector<std::vector<Feature>> features_;  // of each row
  AlignedBuffer computed_;                      // [rows, computed size]
  AlignedBuffer dense_;                         // [rows, inputs of a layer]
  AlignedBuffer gates_;                         // [groups, rows, kGateGroup]
  AlignedBuffer scores_;                        // of attention
};

// Immutable, and so safe to share between threads.
class Network {
 public:
  // INVALID_ARGUMENT when sizes do not fit one another or a layer reads what there is not.
  static absl::StatusOr<std::unique_ptr<Network>> Create(const NetworkSpec& spec,
                                                         const Kernels& kernels);

  int input_size() const { return input_size_; }
  int output_size() const { return output_size_; }
  // Of a sequence in this network: attention keeps more than the graph's state, and in another
  // order.
  int state_size() const { return state_size_; }
  const Kernels& kernels() const { return kernels_; }
  int64_t num_weights() const { return num_weights_; }

  // The state for a state of the graph, [NetworkSpec::state_size].
  std::vector<float> StateFromGraph(absl::Span<const float> graph_state) const;

  // Advances each row by one event. A row's result does not depend on the others. The team, where
  // there is one, computes parts of large layers.
  void Step(absl::Span<const NetworkRow> rows, Workspace* workspace, Team* team = nullptr) const;

 private:
  // Weights as kernels read them. Inputs that are fed are mostly zeros: rows of weights for these
  // are added one by one. All others come side by side as `dense` inputs.
  struct Packed {
    int num_panels = 0;
    int fed_offset = 0;  // the first fed value
    int fed_size = 0;    // none, or how many
    AlignedBuffer fed;   // [fed_size, num_panels * kPanel]
    Slices dense;
    int depth = 0;          // size of `dense`
    AlignedBuffer weights;  // [num_panels, depth, kPanel]
    AlignedBuffer bias;     // [num_panels * kPanel]
  };
  struct Linear {
    Packed packed;
    int output = 0;
  };
  struct Lstm {
    Packed packed;  // gates in groups of kGateGroup
    int size = 0;
    int cell = 0;  // in the state
    int new_cell = 0;
    int new_hidden = 0;
  };
  struct Attention {
    int length = 0;
    int size = 0;
    int padded_size = 0;
    int memory = 0;    // in the state: the ring of rows, [length, padded_size]
    int keys = 0;      // in the state: of each row of the ring
    int position = 0;  // in the state: of the oldest row, a whole number
    AlignedBuffer scale;
    int query = 0;  // in the computed values
    int output = 0;
    Packed key;  // from the appended row to its key
    Slices appended;
    int new_key = 0;  // in the computed values
  };
  struct Sum {
    Slices a;
    Slices b;
    int output = 0;
  };
  struct Copy {
    Slice from;
    int to = 0;  // in the state
  };
  class Builder;

  explicit Network(const Kernels& kernels) : kernels_(kernels) {}

  const float* Source(const Slice& slice, const NetworkRow& row, const float* computed) const;
  void Gather(const Slices& slices, const NetworkRow& row, const float* computed, float* to) const;
  void ReadFeatures(absl::Span<const NetworkRow> rows, Workspace* workspace) const;
  float* Computed(Workspace* workspace, size_t row) const;
  // Bias and what is fed, for the columns [begin, begin + size).
  void Start(const Packed& packed, const std::vector<Workspace::Feature>& features, int begin,
             int size, float* to) const;
  void GatherDense(const Packed& packed, absl::Span<const NetworkRow> rows,
                   Workspace* workspace) const;
  void RunLinear(const Packed& packed, int output, absl::Span<const NetworkRow> rows,
                 Workspace* workspace, Team* team) const;
  void RunGroup(const Lstm& lstm, int group, absl::Span<const NetworkRow> rows,
                Workspace* workspace) const;
  void Run(const Linear& linear, absl::Span<const NetworkRow> rows, Workspace* workspace,
           Team* team) const;
  void Run(const Lstm& lstm, absl::Span<const NetworkRow> rows, Workspace* workspace,
           Team* team) const;
  void Run(const Attention& attention, absl::Span<const NetworkRow> rows, Workspace* workspace,
           Team* team) const;
  void Run(const Sum& sum, absl::Span<const NetworkRow> rows, Workspace* workspace,
           Team* team) const;
  void Commit(absl::Span<const NetworkRow> rows, Workspace* workspace, Team* team) const;

  const Kernels& kernels_;
  int input_size_ = 0;
  int one_hot_depth_ = 0;
  int output_size_ = 0;
  int state_size_ = 0;
  int computed_size_ = 0;
  int max_depth_ = 0;
  int max_groups_ = 0;
  int max_length_ = 0;
  int64_t num_weights_ = 0;
  std::vector<std::variant<Linear, Lstm, Attention, Sum>> layers_;
  std::vector<const Attention*> attentions_;
  Slices output_;
  std::vector<Copy> copies_;
  std::vector<Copy> graph_state_;  // from the graph's state: runs that are no memory
  struct Memory {
    int graph_offset = 0;
    const Attention* attention = nullptr;
  };
  std::vector<Memory> memories_;
};

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_NETWORK_NETWORK_H_
