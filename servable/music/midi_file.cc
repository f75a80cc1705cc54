#include "servable/music/midi_file.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servable/base/status.h"

namespace magenta_serving {
namespace {

// Longer sysex and meta events are refused, as in mido.
constexpr int64_t kMaxPayloadBytes = 1000000;
// Variable-length numbers may have any number of bytes; values stop growing here, far above every
// limit.
constexpr int64_t kVariableIntCeiling = int64_t{1} << 50;

constexpr size_t kChunkHeaderBytes = 8;
constexpr size_t kFileHeaderBytes = 6;

// The number of data bytes of a message, or -1 for an undefined status.
int DataBytes(uint8_t status) {
  switch (status & 0xf0) {
    case 0xc0:
    case 0xd0:
      return 1;
    case 0xf0:
      break;
    default:
      return 2;
  }
  switch (status) {
    case 0xf1:
    case 0xf3:
      return 1;
    case 0xf2:
      return 2;
    case 0xf6:
    case 0xf8:
    case 0xfa:
    case 0xfb:
    case 0xfc:
    case 0xfe:
      return 0;
    default:
      return -1;
  }
}

// Messages for the moment of playing, which mido does not write to files.
bool IsRealtime(uint8_t status) {
  return status == 0xf6 || status == 0xf8 || (status >= 0xfa && status <= 0xfc);
}

bool IsKnownMetaType(uint8_t type) {
  switch (type) {
    case 0x09:
    case 0x20:
    case 0x21:
    case kMidiEndOfTrack:
    case kMidiSetTempo:
    case 0x54:
    case kMidiTimeSignature:
    case kMidiKeySignature:
    case 0x7f:
      return true;
    default:
      return type <= 0x07;
  }
}

// What is wrong with a meta event's payload; empty if nothing is.
std::string MetaFault(uint8_t type, absl::string_view payload) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(payload[i]); };
  size_t needed = 0;
  switch (type) {
    case 0x00:  // Sequence number: absent or two bytes.
      needed = payload.empty() ? 0 : 2;
      break;
    case 0x20:  // Channel prefix.
      needed = 1;
      break;
    case kMidiKeySignature:
      needed = 2;
      break;
    case kMidiSetTempo:
      needed = 3;
      break;
    case kMidiTimeSignature:
      needed = 4;
      break;
    case 0x54:  // SMPTE offset.
      needed = 5;
      break;
    default:
      break;
  }
  if (payload.size() < needed) {
    return absl::StrCat("it has ", payload.size(), " bytes and needs ", needed);
  }
  if (type == 0x54) {
    if (byte(0) >> 5 > 3) return absl::StrCat("there is no frame rate ", byte(0) >> 5);
    if (byte(1) > 59) return absl::StrCat("it has ", byte(1), " minutes");
    if (byte(2) > 59) return absl::StrCat("it has ", byte(2), " seconds");
    if (byte(4) > 99) return absl::StrCat("it has ", byte(4), " hundredths of a frame");
  }
  if (type == kMidiTimeSignature && !MidiDenominatorExponent(std::ldexp(1.0, byte(1)))) {
    return absl::StrCat("the denominator 2**", byte(1), " is not supported");
  }
  if (type == kMidiKeySignature) {
    const int sharps = static_cast<int8_t>(byte(0));
    if (sharps < -7 || sharps > 7 || byte(1) > 1) {
      return absl::StrCat("there is no key with ", sharps, " sharps and mode ", byte(1));
    }
  }
  return "";
}

class MidiParser {
 public:
  explicit MidiParser(absl::string_view bytes) : bytes_(bytes) {}

  absl::StatusOr<MidiFile> Parse() {
    MidiFile file;
    MS_ASSIGN_OR_RETURN(const uint32_t size, ReadChunkHeader("MThd"));
    const size_t header_size = std::min<size_t>(size, bytes_.size() - position_);
    if (header_size < kFileHeaderBytes) return Error("the file header is shorter than 6 bytes");
    file.format = Int16At(position_);
    const int num_tracks = Int16At(position_ + 2);
    file.division = Int16At(position_ + 4);
    position_ += header_size;
    for (int i = 0; i < num_tracks; ++i) {
      absl::StatusOr<MidiTrack> track = ParseTrack();
      if (!track.ok()) return track.status();
      file.tracks.push_back(*std::move(track));
    }
    return file;
  }

 private:
  absl::Status Error(absl::string_view text) const {
    return MagentaError("MIDIConversionError", absl::StrCat("byte ", position_, ": ", text));
  }

  absl::Status EndOfData() const { return Error("the data end within a track"); }

  int Int16At(size_t offset) const {
    return static_cast<int16_t>(static_cast<uint8_t>(bytes_[offset]) << 8 |
                                static_cast<uint8_t>(bytes_[offset + 1]));
  }

  absl::StatusOr<uint32_t> ReadChunkHeader(absl::string_view name) {
    if (bytes_.size() - position_ < kChunkHeaderBytes) {
      return Error(absl::StrCat("the data end where a chunk \"", name, "\" should be"));
    }
    if (bytes_.substr(position_, 4) != name) {
      return Error(
          absl::StrCat("a chunk \"", name, "\" should be here",
                       name == "MThd" ? "; these are probably not the bytes of a MIDI file" : ""));
    }
    uint32_t size = 0;
    for (size_t i = 4; i < kChunkHeaderBytes; ++i)
      size = size << 8 | static_cast<uint8_t>(bytes_[position_ + i]);
    position_ += kChunkHeaderBytes;
    return size;
  }

  absl::StatusOr<uint8_t> ReadByte() {
    if (position_ == bytes_.size()) return EndOfData();
    return static_cast<uint8_t>(bytes_[position_++]);
  }

  absl::StatusOr<int64_t> ReadVariableInt() {
    int64_t value = 0;
    while (true) {
      MS_ASSIGN_OR_RETURN(const uint8_t byte, ReadByte());
      value = std::min(kVariableIntCeiling, value << 7 | (byte & 0x7f));
      if (byte < 0x80) return value;
    }
  }

  absl::StatusOr<absl::string_view> ReadPayload() {
    MS_ASSIGN_OR_RETURN(const int64_t size, ReadVariableInt());
    if (size > kMaxPayloadBytes)
      return Error(absl::StrCat("an event is longer than ", kMaxPayloadBytes, " bytes"));
    if (static_cast<size_t>(size) > bytes_.size() - position_) return EndOfData();
    const absl::string_view payload = bytes_.substr(position_, size);
    position_ += size;
    return payload;
  }

  absl::StatusOr<MidiTrack> ParseTrack() {
    MS_ASSIGN_OR_RETURN(const uint32_t size, ReadChunkHeader("MTrk"));
    const size_t start = position_;
    MidiTrack track;
    int64_t tick = 0;
    uint8_t running_status = 0;
    while (position_ - start != size) {
      MS_ASSIGN_OR_RETURN(const int64_t delta, ReadVariableInt());
      MS_ASSIGN_OR_RETURN(uint8_t status, ReadByte());
      std::optional<uint8_t> first_data;
      if (status < 0x80) {
        if (running_status == 0) return Error("a data byte where no status came before");
        first_data = status;
        status = running_status;
      } else if (status != kMidiMeta) {
        running_status = status;
      }
      if (status == kMidiMeta) {
        MS_RETURN_IF_ERROR(ParseMeta(delta, &tick, &track));
        continue;
      }
      MS_RETURN_IF_ERROR(Advance(delta, &tick));
      if (status == kMidiSysex || status == 0xf7) {
        MS_RETURN_IF_ERROR(ParseSysex(tick, &track));
      } else {
        MS_RETURN_IF_ERROR(ParseMessage(tick, status, first_data, &track));
      }
    }
    return track;
  }

  absl::Status Advance(int64_t delta, int64_t* tick) const {
    *tick += delta;
    if (*tick <= kMaxMidiTick) return absl::OkStatus();
    return Error(
        absl::StrCat("an event later than tick ", kMaxMidiTick, "; the file is probably corrupt"));
  }

  absl::Status ParseMeta(int64_t delta, int64_t* tick, MidiTrack* track) {
    MS_ASSIGN_OR_RETURN(const uint8_t type, ReadByte());
    MS_ASSIGN_OR_RETURN(const absl::string_view payload, ReadPayload());
    const std::string fault = MetaFault(type, payload);
    if (!fault.empty())
      return Error(absl::StrFormat("the meta event 0x%02x is invalid: %s", type, fault));
    if (IsKnownMetaType(type)) MS_RETURN_IF_ERROR(Advance(delta, tick));
    track->AddMeta(*tick, type, payload);
    return absl::OkStatus();
  }

  absl::Status ParseSysex(int64_t tick, MidiTrack* track) {
    MS_ASSIGN_OR_RETURN(absl::string_view payload, ReadPayload());
    if (!payload.empty() && payload.front() == '\xf0') payload.remove_prefix(1);
    if (!payload.empty() && payload.back() == '\xf7') payload.remove_suffix(1);
    for (const char byte : payload) {
      if (static_cast<uint8_t>(byte) > 127) return Error("a sysex byte over 127");
    }
    track->AddSysex(tick, payload);
    return absl::OkStatus();
  }

  absl::Status ParseMessage(int64_t tick, uint8_t status, std::optional<uint8_t> first_data,
                            MidiTrack* track) {
    const int size = DataBytes(status);
    if (size < 0) return Error(absl::StrFormat("the status 0x%02x is undefined", status));
    uint8_t data[2] = {0, 0};
    int i = 0;
    if (first_data) {
      if (size == 0)
        return Error(
            absl::StrFormat("a data byte after the status 0x%02x, which takes none", status));
      data[i++] = *first_data;
    }
    for (; i < size; ++i) {
      MS_ASSIGN_OR_RETURN(data[i], ReadByte());
      if (data[i] > 127) return Error("a data byte over 127");
    }
    track->AddMessage(tick, status, data[0], data[1]);
    return absl::OkStatus();
  }

  absl::string_view bytes_;
  // At most bytes_.size().
  size_t position_ = 0;
};

void AppendVariableInt(uint64_t value, std::string* out) {
  char reversed[10];
  int size = 0;
  do {
    const uint64_t more = size > 0 ? 0x80 : 0;
    reversed[size++] = static_cast<char>((value & 0x7f) | more);
    value >>= 7;
  } while (value != 0);
  while (size > 0) out->push_back(reversed[--size]);
}

void AppendInt16(int value, std::string* out) {
  out->push_back(static_cast<char>(value >> 8 & 0xff));
  out->push_back(static_cast<char>(value & 0xff));
}

absl::Status AppendChunk(absl::string_view name, absl::string_view data, std::string* out) {
  if (data.size() > 0xffffffffu)
    return MagentaError("MIDIConversionError", "a track is longer than 4 GiB");
  absl::StrAppend(out, name);
  AppendInt16(static_cast<int>(data.size() >> 16), out);
  AppendInt16(static_cast<int>(data.size() & 0xffff), out);
  absl::StrAppend(out, data);
  return absl::OkStatus();
}

void AppendMeta(uint8_t type, absl::string_view payload, std::string* out) {
  out->push_back('\xff');
  out->push_back(static_cast<char>(type));
  AppendVariableInt(payload.size(), out);
  absl::StrAppend(out, payload);
}

absl::StatusOr<std::string> WriteTrack(const MidiTrack& track) {
  std::string out;
  int64_t written_tick = 0;
  int64_t last_tick = 0;
  uint8_t running_status = 0;
  for (const MidiEvent& event : track.events()) {
    if (event.tick < last_tick) {
      return MagentaError("MIDIConversionError", absl::StrCat("an event at tick ", event.tick,
                                                              " follows one at tick ", last_tick));
    }
    last_tick = event.tick;
    if (event.is_meta(kMidiEndOfTrack)) continue;
    const int data_bytes = DataBytes(event.status);
    if (event.status != kMidiMeta && event.status != kMidiSysex &&
        (data_bytes < 0 || IsRealtime(event.status))) {
      return MagentaError(
          "MIDIConversionError",
          absl::StrFormat("the status 0x%02x cannot be written to a file", event.status));
    }
    AppendVariableInt(event.tick - written_tick, &out);
    written_tick = event.tick;
    if (event.status == kMidiMeta) {
      AppendMeta(event.meta_type, track.payload(event), &out);
      running_status = 0;
    } else if (event.status == kMidiSysex) {
      out.push_back('\xf0');
      AppendVariableInt(event.payload_size + uint64_t{1}, &out);
      absl::StrAppend(&out, track.payload(event), "\xf7");
      running_status = 0;
    } else {
      if (event.status != running_status) out.push_back(static_cast<char>(event.status));
      for (int i = 0; i < data_bytes; ++i) out.push_back(static_cast<char>(event.data[i]));
      running_status = event.is_channel_message() ? event.status : 0;
    }
  }
  AppendVariableInt(last_tick - written_tick, &out);
  AppendMeta(kMidiEndOfTrack, "", &out);
  return out;
}

bool FitsInt16(int64_t value) { return value >= -32768 && value <= 32767; }

}  // namespace

void MidiTrack::AddMessage(int64_t tick, uint8_t status, uint8_t data0, uint8_t data1) {
  MidiEvent event;
  event.tick = tick;
  event.status = status;
  event.data[0] = data0;
  event.data[1] = data1;
  events_.push_back(event);
}

void MidiTrack::AddMeta(int64_t tick, uint8_t type, absl::string_view payload) {
  MidiEvent event;
  event.tick = tick;
  event.status = kMidiMeta;
  event.meta_type = type;
  AddWithPayload(event, payload);
}

void MidiTrack::AddSysex(int64_t tick, absl::string_view payload) {
  MidiEvent event;
  event.tick = tick;
  event.status = kMidiSysex;
  AddWithPayload(event, payload);
}

void MidiTrack::AddWithPayload(MidiEvent event, absl::string_view payload) {
  event.payload_begin = payloads_.size();
  event.payload_size = static_cast<uint32_t>(payload.size());
  payloads_.append(payload.data(), payload.size());
  events_.push_back(event);
}

absl::string_view MidiTrack::payload(const MidiEvent& event) const {
  return absl::string_view(payloads_).substr(event.payload_begin, event.payload_size);
}

absl::StatusOr<MidiFile> ParseMidiFile(absl::string_view bytes) {
  return MidiParser(bytes).Parse();
}

absl::StatusOr<std::string> WriteMidiFile(const MidiFile& file) {
  if (file.format == 0 && file.tracks.size() != 1) {
    return MagentaError("MIDIConversionError", "a file of format 0 must have one track");
  }
  if (!FitsInt16(file.format) || !FitsInt16(static_cast<int64_t>(file.tracks.size())) ||
      !FitsInt16(file.division)) {
    return MagentaError(
        "MIDIConversionError",
        absl::StrCat("format ", file.format, ", ", file.tracks.size(), " tracks and ",
                     file.division, " ticks per quarter do not all fit into 16 bits"));
  }
  std::string header;
  AppendInt16(file.format, &header);
  AppendInt16(static_cast<int>(file.tracks.size()), &header);
  AppendInt16(file.division, &header);
  std::string out;
  MS_RETURN_IF_ERROR(AppendChunk("MThd", header, &out));
  for (const MidiTrack& track : file.tracks) {
    MS_ASSIGN_OR_RETURN(const std::string data, WriteTrack(track));
    MS_RETURN_IF_ERROR(AppendChunk("MTrk", data, &out));
  }
  return out;
}

std::optional<int> MidiDenominatorExponent(double denominator) {
  // CPython divides two natural logarithms.
  const double exponent = std::log(denominator) / std::log(2.0);
  if (exponent != std::trunc(exponent)) return std::nullopt;
  return static_cast<int>(exponent);
}

}  // namespace magenta_serving
