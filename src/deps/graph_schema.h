// The graph's tables. Facts belong to manifests (an object read as one kind), repositories only hold them.
//
// `edge` is a view: what a repository's manifests say. `link` leads from a node to the repository of the set where it
// is made: a crate to its publisher, a pinned revision to the repository. finish() computes links and node kinds anew
// whenever something changed, so that an updated graph equals one made from nothing.
#pragma once

namespace packscope::deps {

inline constexpr int kGraphVersion = 2;
inline constexpr const char* kGraphSchema = R"(
create table meta(key text primary key, value) without rowid;
create table node(
  id integer primary key,
  ident text not null unique,      -- a purl where one exists, else a normalized url
  kind integer);                   -- 0 repo, 1 crate, 2 flake, 3 git
create table repository(
  id integer primary key,
  name text not null,              -- as records call it
  path text not null,              -- where it lies; '' for records
  node integer not null references node,
  fingerprint blob,                -- of packs, refs and scope when it was read
  errors text not null default '', -- one a line
  unique(name, path));
create table manifest(
  id integer primary key,
  object text not null,            -- id of the blob in hex
  kind integer not null,           -- 0 cargo, 1 cargo_lock, 2 flake, 3 flake_lock, 4 gitmodules, 5 urls
  context text not null,           -- what else its facts depend on: the tree around it; mostly ''
  known integer not null default 0, -- 0: nobody has a copy that can be read
  package text,                    -- the crate that it makes
  version text,
  error text,                      -- why it could not be parsed
  unique(object, kind, context));
create table holds(
  repository integer not null references repository,
  manifest integer not null references manifest,
  path text not null,
  error text,                      -- why this copy could not be read; counts where the manifest is not known
  primary key(repository, manifest, path)) without rowid;
create table fact(
  manifest integer not null references manifest,
  node integer not null references node,
  kind integer not null,           -- 0 cargo, 1 flake, 2 submodule, 3 lock
  req text not null,
  node_kind integer not null,      -- what this manifest takes the node for
  primary key(manifest, node, kind, req)) without rowid;
create table mention(              -- a url in a text: no dependency by that
  manifest integer not null references manifest,
  node integer not null references node,
  primary key(manifest, node)) without rowid;
create table link(
  node integer primary key references node,
  repository integer not null references repository);
create view edge as
  select distinct r.node as source, f.node as target, f.kind as kind, f.req as req
  from repository r join holds h on h.repository = r.id join fact f on f.manifest = h.manifest;
)";
// Made when the rows are in: filling is faster without.
inline constexpr const char* kGraphIndexes = R"(
create index if not exists repository_node on repository(node);
create index if not exists manifest_package on manifest(package) where package is not null;
create index if not exists holds_manifest on holds(manifest);
create index if not exists fact_node on fact(node, node_kind);
create index if not exists mention_node on mention(node);
create index if not exists link_repository on link(repository);
)";

} // namespace packscope::deps
