# shellcheck shell=bash
# A small web of sample pictures on loopback, served by nginx, with the faults that the real web has. Sourced.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# The port stays the same from run to run where it can, because a picture is known by its URL.
demo_first_port=8093
demo_ports=50
demo_slow_picture=landscapes/dawn.jpg
demo_slow_seconds=3
demo_cut_picture=landscapes/dusk.jpg
demo_bucket=creel-demo

# start_demo_server SAMPLES BUCKETS: serves the folder SAMPLES at $(demo_server_url) until stop_demo_server. What is put
# there into the bucket $demo_bucket, as S3 takes it, is kept in the folder BUCKETS.
start_demo_server() {
  local samples=$1 buckets=$2 port
  demo_server_folder=$(mktemp -d)
  make_demo_pages "$samples"
  for ((port = demo_first_port; port < demo_first_port + demo_ports; port++)); do
    demo_port_is_free "$port" || continue
    demo_nginx_config "$samples" "$port" "$buckets" >"$demo_server_folder/nginx.conf"
    # In a session of its own: Ctrl-C is for creel, which then ends what it has begun.
    setsid nginx -p "$demo_server_folder" -e error.log -c nginx.conf &
    demo_server_pid=$!
    if demo_server_answers "$port"; then
      demo_port=$port
      return
    fi
    stop_demo_server_process
    # Somebody else may have taken the port meanwhile; nothing else is worth another try.
    grep -q 'Address already in use' "$demo_server_folder/error.log" || break
  done
  cat "$demo_server_folder/error.log" >&2 2>/dev/null || true
  die "nginx does not serve the samples (see above)." \
    "It was to listen on 127.0.0.1, at a port from $demo_first_port to $((demo_first_port + demo_ports - 1))."
}

demo_server_url() { echo "http://127.0.0.1:$demo_port"; }

stop_demo_server() {
  stop_demo_server_process
  if [[ -n ${demo_server_folder:-} ]]; then rm -rf "$demo_server_folder"; fi
}

stop_demo_server_process() {
  if [[ -n ${demo_server_pid:-} ]]; then
    kill "$demo_server_pid" 2>/dev/null || true
    wait "$demo_server_pid" 2>/dev/null || true
    demo_server_pid=
  fi
}

demo_port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

demo_server_answers() { # waits up to five seconds for it
  local i
  for ((i = 0; i < 50; i++)); do
    kill -0 "$demo_server_pid" 2>/dev/null || return 1
    demo_port_is_free "$1" || return 0
    sleep 0.1
  done
  return 1
}

# What the server has beside the samples.
make_demo_pages() {
  mkdir -p "$demo_server_folder/pages"
  head -c "$(($(wc -c <"$1/$demo_cut_picture") / 2))" "$1/$demo_cut_picture" >"$demo_server_folder/pages/cut-short.jpg"
  cat >"$demo_server_folder/pages/page.html" <<'HTML'
<!DOCTYPE html>
<html><head><title>Picture</title></head><body><p>This page is no picture, whatever its address says.</p></body></html>
HTML
}

# The links that must fail, one a line: path, kind of failure, what is wrong.
demo_faults() {
  cat <<'FAULTS'
/faults/dead-link.jpg not_found a dead link
/faults/page.jpg not_an_image a web page that is called a JPEG
/faults/cut-short.jpg truncated a picture whose second half never comes
/faults/removed.jpg placeholder a removed picture: the host leads to its "removed" notice
FAULTS
}

demo_nginx_config() { # demo_nginx_config SAMPLES PORT BUCKETS
  local samples=$1 port=$2 buckets=$3 slow_bytes cut_bytes
  slow_bytes=$(wc -c <"$samples/$demo_slow_picture")
  cut_bytes=$(wc -c <"$samples/$demo_cut_picture")
  # Root's nginx serves as somebody else otherwise, who may not read the project.
  if [[ $EUID -eq 0 ]]; then echo "user root;"; fi
  cat <<CONFIG
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  types {
    image/jpeg jpg; image/png png; image/gif gif; image/webp webp; image/avif avif; image/svg+xml svg; text/html html;
  }
  server {
    listen 127.0.0.1:$port;
    root "$samples";
    location /$demo_bucket/ {
      root "$buckets";
      client_max_body_size 100m;
      dav_methods PUT DELETE;
      create_full_put_path on;
    }
    location = /slow/dawn.jpg { alias "$samples/$demo_slow_picture"; limit_rate $((slow_bytes / demo_slow_seconds + 1)); }
    location = /faults/page.jpg { alias "$demo_server_folder/pages/page.html"; types { } default_type image/jpeg; }
    location = /faults/removed.jpg { return 302 /removed.png; }
    location = /removed.png { alias "$samples/icons/fish-64.png"; }
    # The filter makes nginx forget the length of the half that it has, so that the header can promise the whole.
    location = /faults/cut-short.jpg {
      alias "$demo_server_folder/pages/cut-short.jpg";
      sub_filter_types *; sub_filter "no picture holds this" "";
      chunked_transfer_encoding off;
      add_header Content-Length $cut_bytes;
    }
  }
}
CONFIG
}
