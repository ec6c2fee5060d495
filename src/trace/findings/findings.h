// findings: the claims of the experiment that this project grew from, each measured again in this build. This file: all of
// them in order, and how they are written down.
#pragma once

#include "trace/findings/finding.h"

#include <functional>

namespace packscope::trace {

struct Findings {
  std::vector<Finding> list;
  MarkerReport markers; // for the trace's table `marker`
};
// `begun` hears the id of what is measured next. Never fails as a whole: what can't be measured says why.
Findings measure_findings(const FindingsInput& input, const std::function<void(std::string_view what)>& begun = {});

std::string findings_json(const Findings& findings);                            // as CONTRACT has it, a finding a line
std::string findings_markdown(const Findings& findings, const std::string& by); // `by`: program, sample, trace

} // namespace packscope::trace
