// The ladder as a picture, written by hand: what a plot needs is a hundred lines, and the same bytes each time.
#include "tools/ladder_rows.h"

#include "tools/columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace packscope::tools {
namespace {

constexpr double kWidth = 860, kHeight = 520, kLeft = 64, kRight = 24, kTop = 36, kBottom = 56;
// Okabe and Ito's colours, which the colour-blind tell apart too, and a mark each.
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};

std::string pixels(double value) { return decimals(value, 1); }
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}
std::string svg_text(double x, double y, const std::string& text, const char* anchor, const std::string& more = {}) {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + anchor + "\"" + more + ">" + escaped(text) + "</text>\n";
}
std::string svg_line(double x1, double y1, double x2, double y2, const char* colour) {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) + "\" y2=\"" + pixels(y2) + "\" stroke=\"" + colour + "\"/>\n";
}

struct Point {
  std::string rung;
  double x = 0, y = 0; // log10 of instructions; accuracy
  std::size_t facts = 0;
};
struct Series {
  std::string task, split;
  std::vector<Point> points;
};

std::vector<Series> series_of(const std::vector<LadderRow>& rows) {
  std::map<std::string, bool> tested;
  for (const LadderRow& row : rows) tested[row.task] = tested[row.task] || row.split == "test";
  std::vector<Series> all;
  for (const LadderRow& row : rows) {
    const std::string split = tested[row.task] ? "test" : "all";
    if (row.block != "all" || row.split != split || !row.instructions || *row.instructions < 1) continue;
    if (all.empty() || all.back().task != row.task) all.push_back({row.task, split, {}});
    std::vector<Point>& points = all.back().points;
    if (points.empty() || points.back().rung != row.rung) points.push_back({row.rung, std::log10(*row.instructions), 0, 0});
    points.back().y += row.accuracy;
    ++points.back().facts;
  }
  for (Series& series : all) {
    for (Point& point : series.points) point.y /= static_cast<double>(point.facts);
    std::ranges::stable_sort(series.points, {}, &Point::x);
  }
  return all;
}

std::string power(int exponent) { // "1", "1,000", "10 M"
  static constexpr std::array<const char*, 10> kNames = {"1", "10", "100", "1,000", "10,000", "100,000", "1 M", "10 M", "100 M", "1 G"};
  return exponent < static_cast<int>(kNames.size()) ? kNames[static_cast<std::size_t>(exponent)] : "10^" + std::to_string(exponent);
}

} // namespace

std::string ladder_plot(const std::vector<LadderRow>& rows) {
  const std::vector<Series> all = series_of(rows);
  double least = 2, most = 5, lowest = 1;
  for (const Series& series : all)
    for (const Point& point : series.points) {
      least = std::min(least, std::floor(point.x));
      most = std::max(most, std::ceil(point.x + 0.15)); // room for the last label
      lowest = std::min(lowest, point.y);
    }
  const double bottom = std::max(0.0, std::floor(lowest * 10 - 0.2) / 10);
  const auto x_of = [&](double x) { return kLeft + (x - least) / (most - least) * (kWidth - kLeft - kRight); };
  const auto y_of = [&](double y) { return kHeight - kBottom - (y - bottom) / (1 - bottom) * (kHeight - kTop - kBottom); };
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + pixels(kWidth) + " " + pixels(kHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"13\">\n<title>Accuracy of each rung against its instructions an "
                    "object</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (int exponent = static_cast<int>(least); exponent <= static_cast<int>(most); ++exponent) {
    svg += svg_line(x_of(exponent), y_of(bottom), x_of(exponent), y_of(1), "#dddddd");
    svg += svg_text(x_of(exponent), y_of(bottom) + 18, power(exponent), "middle");
  }
  for (int tenth = static_cast<int>(std::lround(bottom * 10)); tenth <= 10; ++tenth) {
    svg += svg_line(kLeft, y_of(tenth / 10.0), kWidth - kRight, y_of(tenth / 10.0), "#dddddd");
    svg += svg_text(kLeft - 8, y_of(tenth / 10.0) + 4, pixels(tenth / 10.0), "end");
  }
  svg += svg_line(kLeft, y_of(bottom), kWidth - kRight, y_of(bottom), "black") + svg_line(kLeft, y_of(bottom), kLeft, y_of(1), "black");
  svg += svg_text((kLeft + kWidth - kRight) / 2, kHeight - 14, "user instructions an object (log scale)", "middle");
  svg += svg_text(18, (kTop + kHeight - kBottom) / 2, "accuracy", "middle",
               " transform=\"rotate(-90 18 " + pixels((kTop + kHeight - kBottom) / 2) + ")\"");
  double legend = kLeft;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string colour = kColours[i % kColours.size()];
    std::string path;
    for (const Point& point : all[i].points) path += (path.empty() ? "M" : " L") + pixels(x_of(point.x)) + " " + pixels(y_of(point.y));
    svg += "<path d=\"" + path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"1.5\" stroke-opacity=\"0.5\"/>\n";
    for (const Point& point : all[i].points) {
      svg += "<circle cx=\"" + pixels(x_of(point.x)) + "\" cy=\"" + pixels(y_of(point.y)) + "\" r=\"4\" fill=\"" + colour + "\"/>\n";
      svg += svg_text(x_of(point.x) + 6, y_of(point.y) + (i % 2 == 0 ? -6 : 14), point.rung, "start", " font-size=\"11\" fill=\"" + colour + "\"");
    }
    const std::string name = all[i].task + (all[i].split == "test" ? " (held-out)" : "");
    svg += "<circle cx=\"" + pixels(legend + 5) + "\" cy=\"16\" r=\"4\" fill=\"" + colour + "\"/>\n";
    svg += svg_text(legend + 14, 20, name, "start", " fill=\"" + colour + "\"");
    legend += 30 + 7.0 * static_cast<double>(name.size());
  }
  if (all.empty()) svg += svg_text(kWidth / 2, kHeight / 2, "no rung's cost was measured", "middle");
  return svg + "</svg>\n";
}

} // namespace packscope::tools
