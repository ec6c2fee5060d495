// The trace's tables. The comments stand inside the statements, so that `sqlite3 trace.sqlite .schema` shows them.
#pragma once

namespace packscope::trace {

inline constexpr int kSchemaVersion = 2;        // pragma user_version
inline constexpr int kApplicationId = 0x70736374; // pragma application_id: "psct"

inline constexpr const char* kTables = R"sql(
create table meta( -- what was traced, by what
  key text primary key, value text) without rowid;
create table pack( -- the files that hold the objects' streams
  pack integer primary key,
  repo text not null,           -- the repository (or lone pack) as the command line named it
  file text not null,           -- path of the .pack, or of the loose object, from the folder of this database
  checksum text,                -- of the pack, as its trailer states it; null for a loose object
  objects integer not null);
create table object( -- one stream each: the traced blobs, then what else holds bytes of theirs or lies in the pack
  object integer primary key,
  id text,                      -- hex; null in a lone pack without an index
  type text not null,           -- of the resolved object: blob, tree, commit, tag
  traced integer not null,      -- 1: its tokens and pieces are here; 0: it holds bytes of others, or is no blob
  pack integer not null references pack,
  offset integer not null,      -- of its entry in the pack
  data_offset integer not null, -- of its zlib stream in the pack; bit b of the stream is bit b % 8 of byte data_offset + b / 8
  entry text not null,          -- commit, tree, blob, tag, ofs_delta, ref_delta
  base integer references object, -- of a delta
  depth integer not null,       -- deltas down to the whole object
  size integer not null,        -- of the resolved object, in bytes
  inflated_size integer not null, -- of the stream: the object, or the delta's instructions
  packed_size integer not null, -- of the stream, zlib header and checksum included
  zlib_header text not null,    -- its first two bytes: 789c
  language text);               -- by its first path; null where no tree names it
create table path( -- every name of a traced blob in the trees that were read
  object integer not null references object, path text not null, mode integer not null,
  path_hex text);               -- the path's bytes where they are no UTF-8 (`path` then has U+FFFD), else null
create table block( -- DEFLATE blocks; bits count from the first bit of the zlib header, bytes in the inflated stream
  object integer not null references object, block integer not null,
  type text not null, final integer not null,  -- stored, fixed, dynamic
  bit_begin integer not null, data_begin integer not null, bit_end integer not null, -- header, symbols, end
  out_begin integer not null, out_end integer not null,
  literals integer not null, matches integer not null, -- symbols; a stored byte counts as a literal
  literal_lengths blob, distance_lengths blob, -- code lengths as sent, a byte each; null but for dynamic
  instructions integer, task_clock_ns integer, -- what zlib took to inflate it, where that was measured (else null, never 0)
  primary key (object, block)) without rowid;
create table declaration( -- outer before inner; begin and end are bytes of the object's text
  declaration integer primary key, object integer not null references object,
  begin integer not null, end integer not null,
  kind text not null,           -- function type constant import module implementation macro other
  node text not null,           -- the grammar's node type
  item text,                    -- Rust: fn struct enum impl use const mod trait type macro
  name text, parent integer references declaration);
create table token( -- the leaves of the syntax tree, in order
  token integer primary key, object integer not null references object,
  begin integer not null, end integer not null,
  kind text not null,           -- the grammar's node type
  named integer not null,       -- 0: a literal of the grammar, such as {
  declaration integer references declaration); -- innermost that holds it
create table piece( -- the compressed bits that carry bytes [begin, end) of an object's text; pieces tile every traced text
  object integer not null references object, begin integer not null, end integer not null,
  token integer references token, -- null: white space, or text without a grammar
  source integer not null references object, -- whose stream holds them: the object itself or one of its delta bases
  source_begin integer not null,  -- where in the source's inflated stream
  bit_begin integer not null, bit_end integer not null, -- the symbols that make them; a match may also make neighbours
  literals integer not null, matches integer not null,  -- how many symbols of which kind
  primary key (object, begin)) without rowid;
create table build_step( -- what compiling a unit took, where it was measured (else null, never 0)
  unit text primary key, object integer references object, kind text not null, -- kind: compile, link
  instructions integer, cycles integer, task_clock_ns integer, page_faults integer, max_rss_kib integer,
  seconds real, measured text not null, fallback text) without rowid; -- measured: what stands for the cost
create table sample( -- folded stacks sampled over the build, root first, frames separated by ;
  stack text primary key, samples integer not null) without rowid;
)sql";

inline constexpr const char* kIndexes = R"sql(
create index token_object on token(object);
create index declaration_object on declaration(object);
create index piece_token on piece(token) where token is not null;
create index path_object on path(object);
create index path_path on path(path);
create index object_id on object(id);
)sql";

} // namespace packscope::trace
