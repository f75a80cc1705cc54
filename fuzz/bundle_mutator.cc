// Mutates bundles part by part: graph, checkpoint, and the rest.
#include "fuzz/checkpoint_mutation.h"
#include "fuzz/graph_mutation.h"
#include "note_seq/protobuf/generator.pb.h"

namespace magenta_serving {
namespace {

void MutateBundle(::magenta::GeneratorBundle& bundle, Random& random) {
  google::protobuf::Arena arena;
  auto& metagraph = *google::protobuf::Arena::CreateMessage<tensorflow::MetaGraphDef>(&arena);
  switch (random() % 8) {
    case 0:
      bundle.add_checkpoint_file(bundle.metagraph_file());
      break;
    case 1:
      bundle.clear_checkpoint_file();
      break;
    case 2:
      bundle.set_metagraph_file(MutateString(bundle.metagraph_file()));
      break;
    case 3:
    case 4:
      for (std::string& checkpoint : *bundle.mutable_checkpoint_file())
        checkpoint = MutateCheckpoint(checkpoint, random);
      break;
    default:
      if (!metagraph.ParseFromString(bundle.metagraph_file())) break;
      MutateGraph(metagraph, random);
      bundle.set_metagraph_file(metagraph.SerializeAsString());
  }
}

}  // namespace
}  // namespace magenta_serving

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  return magenta_serving::MutateMessage(data, size, max_size, seed,
                                        magenta_serving::MutateBundle);
}
