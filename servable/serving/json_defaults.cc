#include "servable/serving/json_defaults.h"

#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rapidjson/document.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"
#include "servable/base/status.h"
#include "servable/serving/signatures.h"
#include "tensorflow/core/framework/tensor.h"

namespace magenta_serving {
namespace {

using rapidjson::Value;
using tensorflow::Tensor;
using Allocator = rapidjson::Document::AllocatorType;

// As TensorFlow Serving reads the body, but without recursion, since strangers write it. (Not with
// kParseFullPrecisionFlag, which takes 0e210 for any number.)
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNanAndInfFlag |
                                 rapidjson::kParseStopWhenDoneFlag;
using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>,
                                     rapidjson::CrtAllocator, rapidjson::kWriteNanAndInfFlag>;

// Writing a document, freeing it and TensorFlow Serving's reading of tensors recurse; requests are
// a few levels deep, or have a list for each dimension of a tensor.
constexpr int kMaxDepth = 64;
// Of the instances, each of which gets all defaults; a request makes far fewer sequences.
constexpr unsigned kMaxRows = 4096;

// How deep the brackets of `body` are nested, strings left out.
int Depth(absl::string_view body) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

// Bytes that may not be text are written as {"b64": ...}.
Value StringToJson(absl::string_view bytes, Allocator& allocator) {
  if (bytes.empty()) return Value("", allocator);
  Value object(rapidjson::kObjectType);
  object.AddMember("b64", Value(absl::Base64Escape(bytes).c_str(), allocator), allocator);
  return object;
}

// Null for a tensor that is not a scalar, or of a type that no argument has.
Value ToJson(const Tensor& tensor, Allocator& allocator) {
  if (tensor.dims() != 0) return Value();
  switch (tensor.dtype()) {
    case tensorflow::DT_STRING:
      return StringToJson(tensor.scalar<tensorflow::tstring>()(), allocator);
    case tensorflow::DT_INT32:
      return Value(tensor.scalar<int32_t>()());
    case tensorflow::DT_INT64:
      return Value(tensor.scalar<int64_t>()());
    case tensorflow::DT_FLOAT:
      return Value(tensor.scalar<float>()());
    case tensorflow::DT_DOUBLE:
      return Value(tensor.scalar<double>()());
    case tensorflow::DT_BOOL:
      return Value(tensor.scalar<bool>()());
    default:
      return Value();
  }
}

using Defaults = std::map<std::string, Value>;

Defaults ReadDefaults(const tensorflow::SignatureDef& signature, Allocator& allocator) {
  Defaults defaults;
  for (const auto& [name, proto] : signature.defaults()) {
    Tensor tensor;
    if (!tensor.FromProto(proto)) continue;
    Value value = ToJson(tensor, allocator);
    if (!value.IsNull()) defaults.emplace(name, std::move(value));
  }
  return defaults;
}

// Adds the defaults of inputs that `inputs` lacks, and says whether there were any. Values that are
// not objects lack none.
absl::StatusOr<bool> AddMissing(const tensorflow::SignatureDef& signature, const Defaults& defaults,
                                Value& inputs, Allocator& allocator) {
  if (!inputs.IsObject() || defaults.empty()) return false;
  for (const auto& member : inputs.GetObject()) {
    if (signature.inputs().contains(member.name.GetString())) continue;
    std::set<std::string> names;
    for (const auto& [name, unused] : signature.inputs()) names.insert(name);
    return absl::InvalidArgumentError(absl::StrCat("unknown input '", member.name.GetString(),
                                                   "'; the inputs are ",
                                                   absl::StrJoin(names, ", ")));
  }
  bool added = false;
  for (const auto& [name, value] : defaults) {
    if (inputs.HasMember(name.c_str())) continue;
    inputs.AddMember(Value(name.c_str(), allocator), Value(value, allocator), allocator);
    added = true;
  }
  return added;
}

}  // namespace

absl::Status CheckJsonDepth(absl::string_view body) {
  if (Depth(body) <= kMaxDepth) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("JSON is nested more than ", kMaxDepth, " levels deep"));
}

absl::StatusOr<std::string> AddJsonDefaults(
    absl::string_view body,
    const google::protobuf::Map<std::string, tensorflow::SignatureDef>& signatures) {
  MS_RETURN_IF_ERROR(CheckJsonDepth(body));
  rapidjson::Document document;
  rapidjson::MemoryStream stream(body.data(), body.size());
  if (document.ParseStream<kParseFlags>(stream).HasParseError() || !document.IsObject()) return "";
  std::string signature_name = kDefaultSignature;
  if (const auto name = document.FindMember("signature_name"); name != document.MemberEnd()) {
    if (!name->value.IsString()) return "";
    if (name->value.GetStringLength() > 0) signature_name = name->value.GetString();
  }
  const auto signature = signatures.find(signature_name);
  if (signature == signatures.end()) return "";

  Allocator& allocator = document.GetAllocator();
  const Defaults defaults = ReadDefaults(signature->second, allocator);
  bool added = false;
  if (const auto inputs = document.FindMember("inputs"); inputs != document.MemberEnd()) {
    MS_ASSIGN_OR_RETURN(added, AddMissing(signature->second, defaults, inputs->value, allocator));
  }
  if (const auto rows = document.FindMember("instances");
      rows != document.MemberEnd() && rows->value.IsArray()) {
    if (rows->value.Size() > kMaxRows) {
      return absl::InvalidArgumentError(absl::StrCat("'instances' has ", rows->value.Size(),
                                                     " rows; at most ", kMaxRows,
                                                     " are supported"));
    }
    for (Value& row : rows->value.GetArray()) {
      MS_ASSIGN_OR_RETURN(const bool added_to_row,
                          AddMissing(signature->second, defaults, row, allocator));
      added |= added_to_row;
    }
  }
  if (!added) return "";
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  document.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace magenta_serving
