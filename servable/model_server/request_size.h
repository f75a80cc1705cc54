// How large a request may be, over gRPC (see server_life.cc) and REST (see request_size.cc).
#ifndef MAGENTA_SERVING_MODEL_SERVER_REQUEST_SIZE_H_
#define MAGENTA_SERVING_MODEL_SERVER_REQUEST_SIZE_H_

namespace magenta_serving {

// $MAX_REQUEST_BYTES, or 16 MiB. Ends the process when that is not a number from 1 to 2^31 - 1.
int MaxRequestBytes();

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_MODEL_SERVER_REQUEST_SIZE_H_
