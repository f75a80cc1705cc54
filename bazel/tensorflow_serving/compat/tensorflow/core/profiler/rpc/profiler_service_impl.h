// In place of TensorFlow's profiler service, whose code is for the gRPC inside its library: a
// service without methods, so that profiling calls get UNIMPLEMENTED.
#ifndef TENSORFLOW_CORE_PROFILER_RPC_PROFILER_SERVICE_IMPL_H_
#define TENSORFLOW_CORE_PROFILER_RPC_PROFILER_SERVICE_IMPL_H_

#include <memory>

#include "grpcpp/impl/service_type.h"

namespace tensorflow {
namespace grpc {

struct ProfilerService {
  class Service : public ::grpc::Service {};
};

}  // namespace grpc

namespace profiler {

inline std::unique_ptr<grpc::ProfilerService::Service> CreateProfilerService() {
  return std::make_unique<grpc::ProfilerService::Service>();
}

}  // namespace profiler
}  // namespace tensorflow

#endif  // TENSORFLOW_CORE_PROFILER_RPC_PROFILER_SERVICE_IMPL_H_
