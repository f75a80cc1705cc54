# Continues a melody over REST, with the HTTP client that is in Erlang and jiffy for JSON
# (Debian: apt-get install elixir erlang-jiffy).
#
# Usage: elixir continue_melody.exs [http://HOST:PORT]
server = List.first(System.argv()) || "http://localhost:8501"
{:ok, _} = Application.ensure_all_started(:inets)

inputs = %{
  primer_melody: "[60, -2, 62, -2, 64, -2, 65, -2]",
  num_steps: 64,
  temperature: 0.8,
  seed: 7
}

url = String.to_charlist(server <> "/v1/models/melody:predict")
body = IO.iodata_to_binary(:jiffy.encode(%{inputs: inputs}))
request = {url, [], 'application/json', body}

{:ok, {{_, status, _}, _, answer}} =
  :httpc.request(:post, request, [timeout: 20_000], body_format: :binary)

answer = :jiffy.decode(answer, [:return_maps])
if status != 200, do: raise(answer["error"])

%{"sequence_json" => [sequence], "midi_bytes" => [%{"b64" => midi}]} = answer["outputs"]
notes = :jiffy.decode(sequence, [:return_maps])["notes"]
IO.inspect(Enum.map(notes, & &1["pitch"]), limit: :infinity, charlists: :as_lists)
File.write!("melody.mid", Base.decode64!(midi))
