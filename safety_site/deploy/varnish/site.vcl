# Hearthside behind Varnish 7 (Debian 12 has 7.1). Change these to yours, everywhere:
#   families.example                 the name of the site, as in ALLOWED_HOSTS and SITE_URL
#   /run/hearthside/site.sock        where gunicorn listens: BIND=unix:/run/hearthside/site.sock
#   127.0.0.1 and 8081               a web server that sends the mirror (manage.py export_mirror)
#   /var/lib/hearthside/front/       written by manage.py front_pages, anew after each release
#   admin                            if ADMIN_PATH says otherwise
# Start varnishd as hearthside.conf does: without its -p the log in shared memory has who asked for what, and pages are
# compressed once more (the site has them in brotli and gzip itself). What ends TLS in front (hitch, say) must speak the
# PROXY protocol to it, so that client.ip is the visitor. The site needs BEHIND_TLS_PROXY=on and TRUSTED_PROXIES=1.
vcl 4.1;

import std;
# Pages of ours for when the site makes none, with their headers: sub front_page.
include "/var/lib/hearthside/front/front.vcl";

backend site {
    .path = "/run/hearthside/site.sock";
    .connect_timeout = 2s;
    .first_byte_timeout = 8s;
    .between_bytes_timeout = 5s;
    .probe = {
        .request = "GET /health/live HTTP/1.1" "Host: families.example" "Connection: close";
        .interval = 1s;
        .timeout = 2s;
        .window = 3;
        .threshold = 2;
        .initial = 2;
    }
}

# The same, for what is too large to wait here: two at a time, so that no sender, however slow, holds what readers need.
backend uploads {
    .path = "/run/hearthside/site.sock";
    .connect_timeout = 2s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 5s;
    .max_connections = 2;
}

backend mirror {
    .host = "127.0.0.1";
    .port = "8081";
    .connect_timeout = 1s;
    .first_byte_timeout = 4s;
}

sub vcl_recv {
    if (req.http.Host !~ "(?i)^families\.example(:[0-9]+)?$") {
        return (synth(421));
    }
    set req.http.Host = "families.example";
    set req.backend_hint = site;

    # What the site is told of the visitor is told by us alone.
    set req.http.X-Forwarded-For = client.ip;
    set req.http.X-Forwarded-Proto = "http";
    if (std.port(local.ip) == 443) {
        set req.http.X-Forwarded-Proto = "https";
    }
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Forwarded-Port;
    unset req.http.X-Forwarded-Server;
    unset req.http.X-Real-IP;
    unset req.http.Forwarded;
    unset req.http.X-Original-URL;
    unset req.http.X-Rewrite-URL;
    unset req.http.X-HTTP-Method-Override;
    unset req.http.Proxy;
    unset req.http.X-Request-Id;

    # A page has three encodings; however odd the header, there are three copies here too.
    if (req.http.Accept-Encoding ~ "(?i)(^|[, ])br($|[, ])") {
        set req.http.Accept-Encoding = "br";
    } else if (req.http.Accept-Encoding ~ "(?i)(^|[, ])gzip($|[, ])") {
        set req.http.Accept-Encoding = "gzip";
    } else {
        unset req.http.Accept-Encoding;
    }

    if (req.method !~ "^(GET|HEAD|POST|OPTIONS)$") {
        return (synth(405));
    }
    # A body is here in whole before the site hears of it: one that comes byte by byte would hold a thread of the site.
    # Large ones are for editors who are signed in (whether they really are, the site asks), and go on as they come.
    if (std.integer(req.http.Content-Length, 0) > 1000000) {
        if (std.integer(req.http.Content-Length, 0) > 268435456 || req.url !~ "^/admin/"
            || req.http.Cookie !~ "(^|;\s*)(__Host-)?sessionid=[a-z0-9]{20,}") {
            return (synth(413));
        }
        set req.backend_hint = uploads;
        return (pass);
    }
    if (!std.cache_req_body(1MB)) {
        return (synth(413));
    }
    # Figures are for machines inside; whoever asks from outside gets the site's own page for what is not there.
    if (req.url ~ "^/metrics(\?|$)") {
        set req.url = "/not-from-outside";
    }
    # While the site answers, nothing is older than its second and one more; else as long as its words are true, and for
    # an hour at most.
    set req.grace = 1s;
    if (!std.healthy(site)) {
        set req.grace = 1h;
    }
    if (req.method !~ "^(GET|HEAD)$" || req.http.Cookie || req.http.Authorization) {
        return (pass);
    }
    if (req.url ~ "^/(admin|media|health|preview)(/|$)") {
        return (pass);
    }
    # Parts of an address that the site keeps pages for (page_store/declared.py). Any other goes to the site as it is.
    if (req.url ~ "\?" && req.url !~ "\?((^|&|(?<=\?))(age|area|by|for|matched|nation|p|page|section)=[a-z0-9-]{0,60}){1,4}$") {
        return (pass);
    }
    return (hash);
}

sub vcl_backend_fetch {
    if (bereq.retries > 0) {
        set bereq.backend = mirror;
    }
    return (fetch);
}

sub vcl_backend_response {
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    if (bereq.retries > 0) {
        # The mirror's: for this reader alone. What it has not is not to be had now.
        if (beresp.status >= 400) {
            return (error(503, "Service Unavailable"));
        }
        set beresp.http.Cache-Status = "varnish-mirror; hit; detail=site-down";
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    if (beresp.status >= 500 && bereq.is_bgfetch) {
        return (abandon);
    }
    if (bereq.uncacheable || beresp.http.Set-Cookie || beresp.status >= 500
        || beresp.http.CDN-Cache-Control !~ "max-age=[1-9]") {
        # Not to be kept; and who asks for it next does not wait for who asked first.
        set beresp.uncacheable = true;
        set beresp.ttl = 60s;
        return (deliver);
    }
    # Cache-Control is for browsers (no-store); CDN-Cache-Control is for us (RFC 9213).
    set beresp.ttl = std.duration(regsub(beresp.http.CDN-Cache-Control, "^.*max-age=([0-9]+).*$", "\1s"), 0s);
    if (beresp.http.CDN-Cache-Control ~ "stale-if-error=[0-9]+") {
        # The site counts it so that every word is true until it is over.
        set beresp.grace =
            std.duration(regsub(beresp.http.CDN-Cache-Control, "^.*stale-if-error=([0-9]+).*$", "\1s"), 0s);
    }
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.retries == 0 && (bereq.method == "GET" || bereq.method == "HEAD")
        && bereq.url !~ "^/(admin|health)(/|$)") {
        return (retry);
    }
    return (abandon);    # to vcl_synth, with 503
}

sub vcl_synth {
    call front_page;
    if (resp.status != 503) {
        set resp.http.Connection = "close";
    }
    unset resp.http.Server;
    unset resp.http.X-Varnish;
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.X-Accel-Expires;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
    return (deliver);
}
