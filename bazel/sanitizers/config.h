// Stands before Abseil's header of this name under AddressSanitizer: Abseil would lay its hash maps
// out otherwise than TensorFlow's libraries, which are compiled without it and share their code.
#include_next "absl/base/config.h"
#undef ABSL_HAVE_ADDRESS_SANITIZER
