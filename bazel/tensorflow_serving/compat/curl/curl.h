// The few functions of libcurl that the REST handler decodes URLs with, on libevent, which is
// linked anyway: a library of 100 protocols for percent signs would triple what an image must
// carry.
#ifndef CURL_CURL_H_
#define CURL_CURL_H_

#include <cstdlib>
#include <string>

#include "event2/http.h"

struct CURL {};

inline constexpr int CURL_GLOBAL_ALL = 0;

inline int curl_global_init(int) { return 0; }
inline CURL* curl_easy_init() {
  static CURL curl;
  return &curl;
}
inline void curl_easy_cleanup(CURL*) {}
inline void curl_free(void* text) { std::free(text); }

// Decodes %XX in the first `length` characters; the caller frees the result with curl_free.
inline char* curl_easy_unescape(CURL*, const char* text, int length, int* decoded_length) {
  size_t size = 0;
  char* decoded = evhttp_uridecode(std::string(text, length).c_str(), /*decode_plus=*/0, &size);
  *decoded_length = static_cast<int>(size);
  return decoded;
}

#endif  // CURL_CURL_H_
