// How packscope-tcc is started:
//
//   packscope-tcc compile UNIT FLAG…           descriptors 3: where to ask for files (file_service.h), 4: the object
//   packscope-tcc link FLAG… DESCRIPTOR:NAME…  of objects; descriptor 4: the executable
#pragma once

namespace packscope::compile::tcc {

inline constexpr int kSocket = 3, kOutput = 4;

} // namespace packscope::compile::tcc
