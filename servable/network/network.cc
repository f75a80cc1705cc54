#include "servable/network/network.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/network/flush_denormals.h"

namespace magenta_serving {
namespace {

// Columns of weights, at most kPanel of them, and the panel that they go to.
struct Block {
  int column = 0;
  int size = 0;
  int panel = 0;
};

void AddBlocks(int first_column, int columns, int first_panel, int panel_step,
               std::vector<Block>* blocks) {
  for (int i = 0; i < columns; i += kPanel) {
    blocks->push_back({first_column + i, std::min(kPanel, columns - i),
                       first_panel + i / kPanel * panel_step});
  }
}

// Runs the parts of a layer, on the team where that is worth its while.
template <typename Run>
void RunParts(int count, size_t weights, Team* team, const Run& run) {
  constexpr size_t kTeamWeights = 1 << 17;
  if (team != nullptr && weights >= kTeamWeights && count <= Team::kMaxParts)
    return team->Run(count, run);
  for (int part = 0; part < count; ++part) run(part);
}

}  // namespace

// Checks a specification while it makes the network of it.
class Network::Builder {
 public:
  Builder(const NetworkSpec& spec, Network* network) : spec_(spec), network_(network) {}

  absl::Status Build() {
    network_->input_size_ = spec_.input_size;
    network_->one_hot_depth_ = spec_.one_hot_depth;
    network_->computed_size_ = spec_.computed_size;
    defined_.assign(spec_.computed_size, false);
    MS_RETURN_IF_ERROR(PlaceState());
    for (const Layer& layer : spec_.layers) {
      MS_RETURN_IF_ERROR(std::visit([this](const auto& given) { return Add(given); }, layer));
    }
    for (auto& layer : network_->layers_) {
      if (auto* attention = std::get_if<Attention>(&layer))
        MS_RETURN_IF_ERROR(FinishAttention(attention));
    }
    MS_ASSIGN_OR_RETURN(network_->output_, Checked(spec_.output));
    network_->output_size_ = SizeOf(network_->output_);
    return AddCopies();
  }

 private:
  static absl::Status Wrong(absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("a network's specification has ", what));
  }

  // The state of this network: first what the graph has and no attention remembers, then memories.
  absl::Status PlaceState() {
    place_.assign(spec_.state_size, 0);
    for (const Layer& layer : spec_.layers) {
      const auto* attention = std::get_if<AttentionLayer>(&layer);
      if (attention == nullptr) continue;
      if (attention->length < 1 || attention->size < 1 || attention->memory < 0 ||
          attention->length > (spec_.state_size - attention->memory) / attention->size) {
        return Wrong("a memory outside of the state");
      }
      for (int i = 0; i < attention->length * attention->size; ++i) {
        int& place = place_[attention->memory + i];
        if (place == kInMemory) return Wrong("two memories in one place");
        place = kInMemory;
      }
    }
    int next = 0;
    for (int i = 0; i < spec_.state_size; ++i) {
      if (place_[i] == kInMemory) continue;
      place_[i] = next++;
      if (i > 0 && place_[i - 1] != kInMemory) {
        ++network_->graph_state_.back().from.size;
      } else {
        network_->graph_state_.push_back({{Slice::kState, i, 1}, place_[i]});
      }
    }
    network_->state_size_ = next;
    return absl::OkStatus();
  }

  int AddToState(int size) {
    return std::exchange(network_->state_size_, network_->state_size_ + size);
  }

  absl::StatusOr<Slice> Checked(Slice slice) const {
    const int input_size = spec_.one_hot_depth > 0 ? spec_.one_hot_depth : spec_.input_size;
    const int limit = slice.source == Slice::kInput   ? input_size
                      : slice.source == Slice::kState ? spec_.state_size
                                                      : spec_.computed_size;
    if (slice.offset < 0 || slice.size < 1 || slice.size > limit - slice.offset)
      return Wrong("a slice outside of its source");
    if (slice.source == Slice::kComputed &&
        !std::all_of(defined_.begin() + slice.offset, defined_.begin() + slice.offset + slice.size,
                     [](bool defined) { return defined; })) {
      return Wrong("a layer that reads what is not computed yet");
    }
    if (slice.source == Slice::kState) {
      const int first = place_[slice.offset];
      for (int i = 0; i < slice.size; ++i) {
        if (place_[slice.offset + i] == kInMemory)
          return Wrong("a layer that reads the memory of another");
      }
      slice.offset = first;
    }
    return slice;
  }

  absl::StatusOr<Slices> Checked(const Slices& slices) const {
    Slices checked;
    for (const Slice& slice : slices) {
      MS_ASSIGN_OR_RETURN(const Slice one, Checked(slice));
      checked.push_back(one);
    }
    return checked;
  }

  absl::Status Define(int offset, int size) {
    if (size < 1 || offset < 0 || offset % kPanel != 0 ||
        RoundUpToPanel(size) > spec_.computed_size - offset) {
      return Wrong("a result outside of the computed values");
    }
    std::fill_n(defined_.begin() + offset, size, true);
    return absl::OkStatus();
  }

  // Packs `weights`, [SizeOf(inputs), columns], whose blocks fill as many panels.
  absl::Status Pack(const Slices& inputs, int columns, const std::vector<float>& weights,
                    const std::vector<float>& bias, const std::vector<Block>& blocks,
                    Packed* packed) {
    MS_ASSIGN_OR_RETURN(const Slices checked, Checked(inputs));
    const int rows = SizeOf(inputs);
    if (columns < 1 || weights.size() != static_cast<size_t>(rows) * columns ||
        (!bias.empty() && bias.size() != static_cast<size_t>(columns))) {
      return Wrong(absl::StrCat(weights.size(), " weights and ", bias.size(), " biases for ", rows,
                                " inputs and ", columns, " outputs"));
    }
    network_->num_weights_ += weights.size() + bias.size();
    packed->num_panels = static_cast<int>(blocks.size());
    const int width = packed->num_panels * kPanel;
    num_packed_ += static_cast<size_t>(rows) * width;
    if (num_packed_ > 2 * network_->num_weights_ + kMaxPadding)
      return Wrong("layers that are mostly padding");
    // Puts the blocks of a row into panels that lie `stride` apart.
    const auto place = [&](const float* row, size_t stride, float* to) {
      for (const Block& block : blocks)
        std::copy_n(row + block.column, block.size, to + block.panel * stride);
    };
    packed->bias.Reserve(width);
    if (!bias.empty()) place(bias.data(), kPanel, packed->bias.data());
    for (const Slice& slice : checked) {
      if (slice.source != Slice::kInput) {
        packed->dense.push_back(slice);
      } else if (packed->fed_size != 0) {
        return Wrong("a layer that reads the input twice");
      } else {
        packed->fed_offset = slice.offset;
        packed->fed_size = slice.size;
      }
    }
    packed->depth = SizeOf(packed->dense);
    network_->max_depth_ = std::max(network_->max_depth_, packed->depth);
    packed->fed.Reserve(static_cast<size_t>(packed->fed_size) * width);
    packed->weights.Reserve(static_cast<size_t>(packed->depth) * width);
    const float* from = weights.data();
    float* fed = packed->fed.data();
    float* dense = packed->weights.data();
    for (const Slice& slice : checked) {
      for (int i = 0; i < slice.size; ++i, from += columns) {
        if (slice.source == Slice::kInput) {
          place(from, kPanel, fed);
          fed += width;
        } else {
          place(from, static_cast<size_t>(packed->depth) * kPanel, dense);
          dense += kPanel;
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status PackLinear(const Slices& inputs, int size, const std::vector<float>& weights,
                          const std::vector<float>& bias, Packed* packed) {
    std::vector<Block> blocks;
    AddBlocks(0, size, 0, 1, &blocks);
    return Pack(inputs, size, weights, bias, blocks, packed);
  }

  absl::Status Add(const LinearLayer& given) {
    Linear linear;
    MS_RETURN_IF_ERROR(
        PackLinear(given.inputs, given.size, given.weights, given.bias, &linear.packed));
    linear.output = given.output;
    network_->layers_.push_back(std::move(linear));
    return Define(given.output, given.size);
  }

  absl::Status Add(const LstmLayer& given) {
    Lstm lstm;
    if (given.size < 1 || given.cell.source != Slice::kState || given.cell.size != given.size)
      return Wrong("an LSTM without a cell");
    MS_ASSIGN_OR_RETURN(const Slice cell, Checked(given.cell));
    std::vector<Block> blocks;
    for (int gate = 0; gate < kGates; ++gate)
      AddBlocks(gate * given.size, given.size, gate, kGates, &blocks);
    MS_RETURN_IF_ERROR(Pack(given.inputs, kGates * given.size, given.weights, given.bias, blocks,
                            &lstm.packed));
    lstm.size = given.size;
    lstm.cell = cell.offset;
    lstm.new_cell = given.new_cell;
    lstm.new_hidden = given.new_hidden;
    network_->max_groups_ = std::max(network_->max_groups_, RoundUpToPanel(given.size) / kPanel);
    network_->layers_.push_back(std::move(lstm));
    MS_RETURN_IF_ERROR(Define(given.new_cell, given.size));
    return Define(given.new_hidden, given.size);
  }

  absl::Status Add(const AttentionLayer& given) {
    Attention attention;
    MS_ASSIGN_OR_RETURN(const Slice query, Checked(given.query));
    if (query.source != Slice::kComputed || query.offset % kPanel != 0 ||
        query.size != given.size || given.scale.size() != static_cast<size_t>(given.size)) {
      return Wrong("an attention whose sizes differ");
    }
    attention.length = given.length;
    attention.size = given.size;
    attention.padded_size = RoundUpToPanel(given.size);
    attention.query = query.offset;
    attention.output = given.output;
    attention.scale.Reserve(attention.padded_size);
    std::copy(given.scale.begin(), given.scale.end(), attention.scale.data());
    attention.memory = AddToState(given.length * attention.padded_size);
    attention.keys = AddToState(given.length * attention.padded_size);
    attention.position = AddToState(1);
    if (network_->state_size_ > kMaxState) return Wrong("memories that are mostly padding");
    attention.new_key = network_->computed_size_;
    network_->computed_size_ += attention.padded_size;
    network_->max_length_ = std::max(network_->max_length_, given.length);
    network_->layers_.push_back(std::move(attention));
    unfinished_.push_back(&given);
    return Define(given.output, given.size);
  }

  // What is appended to the memory may be computed after the attention.
  absl::Status FinishAttention(Attention* attention) {
    const AttentionLayer& given = *unfinished_[network_->attentions_.size()];
    if (SizeOf(given.appended) != given.size) return Wrong("an attention whose sizes differ");
    MS_RETURN_IF_ERROR(PackLinear(given.appended, given.size, given.weights, {}, &attention->key));
    if (attention->key.fed_size != 0) return Wrong("an attention that remembers the input");
    attention->appended = attention->key.dense;
    network_->attentions_.push_back(attention);
    network_->memories_.push_back({given.memory, attention});
    return absl::OkStatus();
  }

  absl::Status Add(const SumLayer& given) {
    Sum sum;
    MS_ASSIGN_OR_RETURN(sum.a, Checked(given.a));
    MS_ASSIGN_OR_RETURN(sum.b, Checked(given.b));
    const auto is_fed = [](const Slice& slice) { return slice.source == Slice::kInput; };
    const int size = SizeOf(sum.a);
    if (SizeOf(sum.b) != size || std::any_of(sum.a.begin(), sum.a.end(), is_fed) ||
        std::any_of(sum.b.begin(), sum.b.end(), is_fed)) {
      return Wrong("a sum of values that do not fit");
    }
    sum.output = given.output;
    network_->max_depth_ = std::max(network_->max_depth_, size);
    network_->layers_.push_back(std::move(sum));
    return Define(given.output, size);
  }

  absl::Status AddCopies() {
    if (SizeOf(spec_.new_state) != spec_.state_size) return Wrong("a new state of another size");
    int to = 0;
    for (const Slice& slice : spec_.new_state) {
      const int begin = std::exchange(to, to + slice.size);
      if (slice.source == Slice::kState) {
        if (slice.offset != begin) return Wrong("a state that moves");
        continue;
      }
      for (int i = begin; i < to; ++i) {
        if (place_[i] == kInMemory) return Wrong("a memory that is overwritten");
      }
      MS_ASSIGN_OR_RETURN(const Slice from, Checked(slice));
      if (from.source != Slice::kComputed) return Wrong("a state that is fed");
      network_->copies_.push_back({from, place_[begin]});
    }
    return absl::OkStatus();
  }

  static constexpr int kInMemory = -1;
  static constexpr size_t kMaxPadding = 1 << 20;  // values, beside as many as there are weights
  static constexpr int kMaxState = 1 << 20;

  const NetworkSpec& spec_;
  Network* network_;
  std::vector<int> place_;  // of each value of the graph's state in that of the network
  std::vector<bool> defined_;
  std::vector<const AttentionLayer*> unfinished_;
  size_t num_packed_ = 0;  // weights, with padding
};

absl::StatusOr<std::unique_ptr<Network>> Network::Create(const NetworkSpec& spec,
                                                         const Kernels& kernels) {
  std::unique_ptr<Network> network(new Network(kernels));
  MS_RETURN_IF_ERROR(Builder(spec, network.get()).Build());
  return network;
}

const float* Network::Source(const Slice& slice, const NetworkRow& row,
                             const float* computed) const {
  return (slice.source == Slice::kState ? row.state : computed) + slice.offset;
}

void Network::Gather(const Slices& slices, const NetworkRow& row, const float* computed,
                     float* to) const {
  for (const Slice& slice : slices) to = std::copy_n(Source(slice, row, computed), slice.size, to);
}

float* Network::Computed(Workspace* workspace, size_t row) const {
  return workspace->computed_.data() + row * computed_size_;
}

void Network::ReadFeatures(absl::Span<const NetworkRow> rows, Workspace* workspace) const {
  if (workspace->features_.size() < rows.size()) workspace->features_.resize(rows.size());
  for (size_t r = 0; r < rows.size(); ++r) {
    std::vector<Workspace::Feature>& features = workspace->features_[r];
    features.clear();
    const float* input = rows[r].input;
    if (one_hot_depth_ > 0) {
      // As TensorFlow casts and encodes: towards 0, and all zeros for what is no class.
      if (*input > -1 && *input < one_hot_depth_) features.push_back({static_cast<int>(*input), 1});
      continue;
    }
    for (int i = 0; i < input_size_; ++i) {
      if (input[i] != 0) features.push_back({i, input[i]});
    }
  }
}

void Network::Start(const Packed& packed, const std::vector<Workspace::Feature>& features,
                    int begin, int size, float* to) const {
  std::copy_n(packed.bias.data() + begin, size, to);
  if (packed.fed_size == 0) return;
  const size_t width = static_cast<size_t>(packed.num_panels) * kPanel;
  for (const Workspace::Feature& feature : features) {
    const int index = feature.index - packed.fed_offset;
    if (index < 0 || index >= packed.fed_size) continue;
    kernels_.add_scaled(feature.value, packed.fed.data() + index * width + begin, size, to);
  }
}

void Network::GatherDense(const Packed& packed, absl::Span<const NetworkRow> rows,
                          Workspace* workspace) const {
  for (size_t r = 0; r < rows.size(); ++r) {
    Gather(packed.dense, rows[r], Computed(workspace, r),
           workspace->dense_.data() + r * packed.depth);
  }
}

void Network::RunLinear(const Packed& packed, int output, absl::Span<const NetworkRow> rows,
                        Workspace* workspace, Team* team) const {
  GatherDense(packed, rows, workspace);
  constexpr int kPanelsOfPart = 4;
  const auto run = [&](int part) {
    const FlushDenormals flush;
    const int panel = part * kPanelsOfPart;
    const int panels = std::min(kPanelsOfPart, packed.num_panels - panel);
    const int begin = panel * kPanel;
    for (size_t r = 0; r < rows.size(); ++r) {
      Start(packed, workspace->features_[r], begin, panels * kPanel,
            Computed(workspace, r) + output + begin);
    }
    kernels_.multiply_add(workspace->dense_.data(), packed.depth, static_cast<int>(rows.size()),
                          packed.depth,
                          packed.weights.data() + static_cast<size_t>(packed.depth) * begin, panels,
                          Computed(workspace, 0) + output + begin, computed_size_);
  };
  RunParts((packed.num_panels + kPanelsOfPart - 1) / kPanelsOfPart, packed.weights.size(), team,
           run);
}

void Network::Run(const Linear& linear, absl::Span<const NetworkRow> rows, Workspace* workspace,
                  Team* team) const {
  RunLinear(linear.packed, linear.output, rows, workspace, team);
}

void Network::Run(const Lstm& lstm, absl::Span<const NetworkRow> rows, Workspace* workspace,
                  Team* team) const {
  GatherDense(lstm.packed, rows, workspace);
  const auto run = [&](int group) {
    const FlushDenormals flush;
    RunGroup(lstm, group, rows, workspace);
  };
  RunParts(RoundUpToPanel(lstm.size) / kPanel, lstm.packed.weights.size(), team, run);
}

void Network::RunGroup(const Lstm& lstm, int group, absl::Span<const NetworkRow> rows,
                       Workspace* workspace) const {
  const Packed& packed = lstm.packed;
  const int unit = group * kPanel;
  float* gates = workspace->gates_.data() + static_cast<size_t>(group) * rows.size() * kGateGroup;
  for (size_t r = 0; r < rows.size(); ++r) {
    Start(packed, workspace->features_[r], group * kGateGroup, kGateGroup, gates + r * kGateGroup);
  }
  kernels_.multiply_add(
      workspace->dense_.data(), packed.depth, static_cast<int>(rows.size()), packed.depth,
      packed.weights.data() + static_cast<size_t>(packed.depth) * kGateGroup * group, kGates, gates,
      kGateGroup);
  for (size_t r = 0; r < rows.size(); ++r, gates += kGateGroup) {
    float* computed = Computed(workspace, r);
    const float* cells = rows[r].state + lstm.cell + unit;
    float last[kPanel] = {};
    if (lstm.size - unit < kPanel) {
      std::copy_n(cells, lstm.size - unit, last);
      cells = last;
    }
    kernels_.update_cells(gates, cells, computed + lstm.new_cell + unit,
                          computed + lstm.new_hidden + unit);
  }
}

void Network::Run(const Attention& attention, absl::Span<const NetworkRow> rows,
                  Workspace* workspace, Team*) const {
  for (size_t r = 0; r < rows.size(); ++r) {
    float* computed = Computed(workspace, r);
    const float* state = rows[r].state;
    kernels_.attend(state + attention.memory, state + attention.keys, attention.length,
                    attention.padded_size, static_cast<int>(state[attention.position]),
                    computed + attention.query, attention.scale.data(), workspace->scores_.data(),
                    computed + attention.output);
  }
}

void Network::Run(const Sum& sum, absl::Span<const NetworkRow> rows, Workspace* workspace,
                  Team*) const {
  for (size_t r = 0; r < rows.size(); ++r) {
    float* computed = Computed(workspace, r);
    float* addend = workspace->dense_.data();
    Gather(sum.a, rows[r], computed, computed + sum.output);
    Gather(sum.b, rows[r], computed, addend);
    const int size = SizeOf(sum.a);
    for (int i = 0; i < size; ++i) computed[sum.output + i] += addend[i];
  }
}

void Network::Commit(absl::Span<const NetworkRow> rows, Workspace* workspace, Team* team) const {
  for (const Attention* attention : attentions_)
    RunLinear(attention->key, attention->new_key, rows, workspace, team);
  for (size_t r = 0; r < rows.size(); ++r) {
    const float* computed = Computed(workspace, r);
    float* state = rows[r].state;
    for (const Attention* attention : attentions_) {
      // The newest row takes the place of the oldest.
      const int oldest = static_cast<int>(state[attention->position]);
      const size_t offset = static_cast<size_t>(oldest) * attention->padded_size;
      Gather(attention->appended, rows[r], computed, state + attention->memory + offset);
      std::copy_n(computed + attention->new_key, attention->padded_size,
                  state + attention->keys + offset);
      state[attention->position] = oldest + 1 == attention->length ? 0 : oldest + 1;
    }
    for (const Copy& copy : copies_)
      std::copy_n(computed + copy.from.offset, copy.from.size, state + copy.to);
  }
}

void Network::Step(absl::Span<const NetworkRow> rows, Workspace* workspace, Team* team) const {
  const FlushDenormals flush;
  workspace->computed_.Reserve(rows.size() * computed_size_);
  workspace->dense_.Reserve(rows.size() * std::max(max_depth_, 1));
  workspace->gates_.Reserve(rows.size() * max_groups_ * kGateGroup);
  workspace->scores_.Reserve(RoundUpToPanel(max_length_));
  ReadFeatures(rows, workspace);
  for (const auto& layer : layers_)
    std::visit([&](const auto& one) { Run(one, rows, workspace, team); }, layer);
  for (size_t r = 0; r < rows.size(); ++r)
    Gather(output_, rows[r], Computed(workspace, r), rows[r].output);
  Commit(rows, workspace, team);
}

std::vector<float> Network::StateFromGraph(absl::Span<const float> graph_state) const {
  std::vector<float> state(state_size_);
  for (const Copy& copy : graph_state_)
    std::copy_n(graph_state.data() + copy.from.offset, copy.from.size, state.data() + copy.to);
  for (const Memory& memory : memories_) {
    const Attention& attention = *memory.attention;
    const int panels = attention.padded_size / kPanel;
    for (int l = 0; l < attention.length; ++l) {
      const float* row = graph_state.data() + memory.graph_offset + l * attention.size;
      const size_t offset = static_cast<size_t>(l) * attention.padded_size;
      std::copy_n(row, attention.size, state.data() + attention.memory + offset);
      kernels_.multiply_add(row, attention.size, 1, attention.size, attention.key.weights.data(),
                            panels, state.data() + attention.keys + offset, 0);
    }
  }
  return state;
}

}  // namespace magenta_serving
