// Magenta's flags, which are Python literals: primers and control values.
#include <cstdint>

#include "servable/generation/primer.h"
#include "servable/generation/python_literal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  (void)magenta_serving::ParsePythonLiteral(text);
  (void)magenta_serving::ParseIntegerList(text);
  (void)magenta_serving::ParseListOfIntegerLists(text);
  (void)magenta_serving::ParseMelody("melody", text);
  (void)magenta_serving::ParseChord("primer_pitches", text, 0.5);
  return 0;
}
