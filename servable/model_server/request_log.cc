#include "servable/model_server/request_log.h"

#include <algorithm>
#include <cstdio>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"
#include "servable/model_server/thread_call.h"

namespace magenta_serving {
namespace {

constexpr char kRequestId[] = "x-request-id";
constexpr size_t kMaxIdSize = 64;

bool IsId(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxIdSize &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

std::string NewId() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) absl::StrAppendFormat(&id, "%08x", random());
  return id;
}

// The id of a request, which its client gets to know.
std::string Identify(ThreadCall& call) {
  call.request_id.clear();
  if (call.context != nullptr) {
    const auto& metadata = call.context->client_metadata();
    const auto wish = metadata.find(kRequestId);
    if (wish != metadata.end()) {
      const absl::string_view text(wish->second.data(), wish->second.size());
      if (IsId(text)) call.request_id = std::string(text);
    }
  }
  if (call.request_id.empty()) call.request_id = NewId();
  if (call.context != nullptr) call.context->AddTrailingMetadata(kRequestId, call.request_id);
  return call.request_id;
}

}  // namespace

void RequestLog::Write(const RequestRecord& record) const {
  if (!CurrentCall()) return;
  rapidjson::StringBuffer line;
  rapidjson::Writer<rapidjson::StringBuffer> writer(line);
  writer.SetMaxDecimalPlaces(3);
  writer.StartObject();
  const auto write = [&writer](const char* name, const std::string& value) {
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  write("time", absl::FormatTime("%Y-%m-%dT%H:%M:%E3S+00:00", absl::Now(), absl::UTCTimeZone()));
  write("level", "INFO");
  write("message", "request");
  write("request_id", Identify(*CurrentCall()));
  write("model", model_);
  writer.Key("version");
  writer.Int64(version_);
  write("family", family_);
  write("signature", record.signature);
  writer.Key("steps");
  writer.Int64(record.usage.steps);
  write("code", absl::StatusCodeToString(record.code));
  writer.Key("milliseconds");
  writer.Double(record.seconds * 1e3);
  writer.EndObject();
  line.Put('\n');
  // At once: other threads write, too.
  std::fwrite(line.GetString(), 1, line.GetSize(), stderr);
}

}  // namespace magenta_serving
