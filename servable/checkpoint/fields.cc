#include "servable/checkpoint/fields.h"

#include <cstdint>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace magenta_serving {

using google::protobuf::internal::WireFormatLite;

bool ForEachField(absl::string_view message,
                  const std::function<void(int field, absl::string_view bytes)>& visit) {
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t*>(message.data()),
                                                static_cast<int>(message.size()));
  while (const uint32_t tag = stream.ReadTag()) {
    absl::string_view bytes;
    const auto type = WireFormatLite::GetTagWireType(tag);
    // What is in a group comes as if it were beside it.
    if (type == WireFormatLite::WIRETYPE_END_GROUP) continue;
    if (type == WireFormatLite::WIRETYPE_START_GROUP) {
      bytes = message.substr(stream.CurrentPosition(), 0);
    } else if (type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint32_t size = 0;
      if (!stream.ReadVarint32(&size)) return false;
      const size_t begin = stream.CurrentPosition();
      if (size > message.size() - begin || !stream.Skip(static_cast<int>(size))) return false;
      bytes = message.substr(begin, size);
    } else if (!WireFormatLite::SkipField(&stream, tag)) {
      return false;
    }
    visit(WireFormatLite::GetTagFieldNumber(tag), bytes);
  }
  return stream.ConsumedEntireMessage();
}

int64_t CountParts(absl::string_view message, int nesting) {
  int64_t count = 0;
  if (nesting == 0) return count;
  ForEachField(message, [&](int, absl::string_view bytes) {
    if (bytes.data() != nullptr) count += 1 + CountParts(bytes, nesting - 1);
  });
  return count;
}

}  // namespace magenta_serving
