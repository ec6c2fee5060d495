// packscope build_graph query: questions to a graph that was written as SQLite.
#include "tools/build_graph.h"

#include "base/text.h"
#include "deps/graph_query.h"

namespace packscope::tools {

namespace {

class Query {
public:
  explicit Query(const GraphQuery& query, Database& graph) : query_(query), graph_(graph), arrows_(graph) {}

  int run() {
    if (query_.question == "path")
      path();
    else if (query_.question == "cycles")
      cycles();
    else if (query_.question == "top")
      top();
    else
      around();
    if (const Result<void> good = graph_.status(); !good) report_.error(good.error());
    output_.finish(report_);
    return report_.exit_code();
  }

private:
  std::optional<deps::GraphNode> named(const std::string& ident) {
    std::optional<deps::GraphNode> node = deps::find_node(graph_, ident);
    if (node && node->name == ident && node->ident != ident) {
      std::string choices;
      std::size_t count = 0;
      Statement rows = graph_.prepare("select distinct n.ident from repository r join node n on n.id = r.node "
                                      "where r.name = ? order by 1");
      rows.bind(std::string_view(ident));
      for (; rows.step(); ++count) choices += (count > 0 ? ", " : "") + printable(rows.text(0));
      if (count > 1) {
        report_.error({.what = "several repositories are named '" + ident + "': " + choices, .file = query_.database});
        return std::nullopt;
      }
    }
    if (!node) report_.error({"no node '" + ident + "' (a node is a purl such as pkg:cargo/serde, a normalized url, or a repository's name)",
                             query_.database});
    return node;
  }

  void node_fields(const deps::GraphNode& node) {
    json_.field("id", node.ident).field("kind", name(node.kind)).field("name", node.name);
    if (node.version.empty())
      json_.null_field("version");
    else
      json_.field("version", node.version);
  }

  // One record an edge: the far end, and what the edge says.
  void around() {
    const std::optional<deps::GraphNode> node = named(query_.operands[0]);
    if (!node) return;
    const auto print = [&](const deps::GraphArrow& arrow) {
      if (!query_.json) {
        const std::string kind = arrow.link ? "from" : std::string(name(arrow.kind));
        output_.write(kind + std::string(kind.size() < 10 ? 10 - kind.size() : 1, ' ') + printable(arrow.ident) +
                      (arrow.req.empty() ? "" : "  " + printable(arrow.req)) + "\n");
        return;
      }
      const std::optional<deps::GraphNode> far = far_.node(arrow.id);
      if (!far) return;
      json_.begin_object();
      node_fields(*far);
      json_.field("edge", name(arrow.kind));
      if (arrow.req.empty())
        json_.null_field("req");
      else
        json_.field("req", arrow.req);
      output_.line(json_.end_object());
    };
    if (query_.question == "dependents-of")
      arrows_.into(*node, print);
    else
      arrows_.out_of(*node, print);
  }

  void path() {
    const std::optional<deps::GraphNode> from = named(query_.operands[0]), to = named(query_.operands[1]);
    if (!from || !to) return;
    const std::optional<deps::GraphNumbers> numbers = whole();
    if (!numbers) return;
    const std::vector<std::int64_t> way = numbers->path(from->id, to->id);
    list(way, "path", query_.json ? "" : " -> ");
    if (way.empty() && !query_.json) output_.write("no path\n");
  }

  std::optional<deps::GraphNumbers> whole() {
    Result<deps::GraphNumbers> numbers = deps::GraphNumbers::read(graph_);
    if (numbers) return std::move(*numbers);
    report_.error({.what = numbers.error().what, .file = query_.database});
    return std::nullopt;
  }

  void list(const std::vector<std::int64_t>& nodes, const char* key, const char* between) {
    json_.begin_object().key(key).begin_array();
    std::string line;
    for (const std::int64_t id : nodes) {
      const std::optional<deps::GraphNode> node = arrows_.node(id);
      const std::string ident = node ? node->ident : "";
      json_.value(ident);
      line += (line.empty() ? "" : between) + printable(ident);
    }
    json_.end_array();
    if (query_.json) return output_.line(json_.end_object());
    json_.end_object().take_line();
    if (!line.empty()) output_.write(line + "\n");
  }

  void cycles() {
    const std::optional<deps::GraphNumbers> numbers = whole();
    if (!numbers) return;
    for (const std::vector<std::int64_t>& members : numbers->cycles()) list(members, "cycle", "  ");
  }

  void top() {
    const std::optional<deps::GraphNumbers> numbers = whole();
    if (!numbers) return;
    for (const auto& [id, dependents] : numbers->top(query_.limit)) {
      const std::optional<deps::GraphNode> found = arrows_.node(id);
      if (!found) continue; // the status says why
      const deps::GraphNode& node = *found;
      if (query_.json) {
        json_.begin_object();
        node_fields(node);
        output_.line(json_.field("dependents", dependents).end_object());
        continue;
      }
      const std::string count = human_count(dependents);
      output_.write(std::string(count.size() < 10 ? 10 - count.size() : 0, ' ') + count + "  " + printable(node.ident) +
                    "\n");
    }
  }

  const GraphQuery& query_;
  Database& graph_;
  deps::GraphArrows arrows_, far_{graph_}; // a second set: the first is in the middle of its rows
  Report report_;
  Output output_;
  JsonWriter json_;
};

} // namespace

void configure_query(CLI::App& app, GraphQuery& query) {
  app.add_option("DB", query.database, "A graph that build_graph wrote (--format sqlite)")->type_name("")->required();
  app.add_option(
         "QUESTION", query.question,
         "dependents-of ID, dependencies-of ID, path A B, cycles (sets of nodes that all reach each other), top "
         "(what most repositories depend on). ID: pkg:cargo/serde, a url, a repository's name")
      ->type_name("")
      ->required()
      ->check(CLI::IsMember({"dependents-of", "dependencies-of", "path", "cycles", "top"}));
  app.add_option("ID", query.operands, "Nodes that the question is about")->type_name("");
  app.add_option("--limit", query.limit, "Rows of top")->type_name("N")->capture_default_str();
  app.add_flag("--json", query.json, "JSON Lines: one record a line");
}

int run_query(const CLI::App& app, const GraphQuery& query) {
  const std::size_t wanted = query.question == "path" ? 2 : query.question.ends_with("-of") ? 1 : 0;
  if (query.operands.size() != wanted)
    return usage_error(app, query.question + " takes " + (wanted == 0 ? "no ID" : wanted == 1 ? "one ID" : "two IDs"));
  const Result<std::unique_ptr<deps::GraphStore>> graph = deps::GraphStore::open(query.database, false);
  if (!graph) {
    Report report;
    report.error(graph.error());
    return report.exit_code();
  }
  return Query(query, (*graph)->database()).run();
}

} // namespace packscope::tools
