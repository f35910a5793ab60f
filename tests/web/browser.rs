//! The page in a real browser: headless Chromium, as somebody at home would use it.

use std::fs;

use serde_json::{Value, json};

use crate::support::{
    browser::Browser,
    campaign,
    daemon::Daemon,
    http::{Answer, Fault},
    rules,
    sample::{BLEACH_LINK, BOTH, NARUTO_LINK, Sample, TO_AKIRA, TO_PAPRIKA},
    world::World,
};

/// Looks at the daemon of a world, which does runs only when asked, and asserts that the console stayed empty.
fn visit(world: &World, start: fn(&str) -> Option<Browser>, look: impl FnOnce(&Browser)) {
    let daemon = Daemon::with(world, &["--interval", "0"]);
    let Some(browser) = start(&format!("http://{}", daemon.address)) else { return };
    look(&browser);
    assert_eq!(browser.console(), [""; 0], "the console should be empty");
}

const PAGES: [&str; 13] = [
    "/",
    "/rules/new",
    "/rules/1",
    "/rules/1?since=1",
    "/rules/1/edit",
    "/rules/1/delete",
    "/rules/delete?id=1&id=2",
    "/preview",
    "/runs",
    "/suggestions",
    "/rules/import",
    "/system",
    "/nowhere",
];

fn submit(browser: &Browser) {
    browser.click(".rule .actions button");
}

fn run_now(browser: &Browser) {
    browser.open("/");
    browser.click("form[action='/run'] button");
}

#[test]
fn a_rule_is_added_edited_and_deleted() {
    let world = World::new();
    Sample::without_rules(&world);
    visit(&world, Browser::start, |browser| {
        browser.open("/");
        browser.wait_for("main", "There has been no run yet.");
        browser.click("main a[href='/rules/new']");
        browser.fill("#movie_title", "Akira");
        browser.fill("#show_name", "Naruto");
        browser.click("#list");
        browser.wait_for("#known", "The Movie");
        browser.click("#known label[for=s5]");
        submit(browser);
        // the page looks by itself when the run has ended
        browser.wait_for(".rules .state", "linked");
        world.assert_links(&[(NARUTO_LINK, TO_AKIRA)]);

        browser.click(".do a[href='/rules/1/edit']");
        assert_eq!(browser.value("[name=picked]:checked"), "5");
        browser.fill("#movie_title", "Paprika");
        browser.fill("#tmdb_id", "");
        browser.fill("#show_name", "Bleach");
        browser.fill("#tvdb_id", "");
        browser.fill("#episode", "2");
        submit(browser);
        browser.wait_for(".rules .place", "Bleach - S00E02");
        world.assert_links(&[(BLEACH_LINK, TO_PAPRIKA)]);

        browser.click(".do a[href='/rules/1/delete']");
        browser.wait_for("main", "Delete this rule?");
        browser.wait_for("main", "Bleach - S00E02");
        browser.click("main a.button");
        assert_eq!(browser.count(".rules tbody tr"), 1, "it was kept");
        browser.click(".do a[href='/rules/1/delete']");
        browser.click("button.danger");
        browser.wait_for(".notice", "deleted");
        assert_eq!(browser.count(".rules"), 0);
        run_now(browser);
        browser.wait_for(".strip", "1 change: 0 of 0 rules linked");
        world.assert_links(&[]);
    });
}

#[test]
fn who_types_while_specials_are_listed_stays_in_the_same_field() {
    let world = World::new();
    Sample::without_rules(&world);
    visit(&world, Browser::start, |browser| {
        browser.open("/rules/new");
        browser.fill("#movie_title", "Akira");
        browser.fill("#show_name", "Naruto");
        browser.fill("#episode", "14");
        browser.script("episode.typed = true; episode.setSelectionRange(1, 1); list.click()");
        browser.wait_for("#known", "The Movie");
        let field = "return [episode.typed, episode.value, episode.selectionStart, document.activeElement === episode]";
        assert_eq!(browser.script(field), json!([true, "14", 1, true]));
        assert_eq!(browser.text("label[for=episode]"), "Or another one");
        assert_eq!(browser.script("return episode.ariaRequired"), Value::Null);
        browser.fill("#show_name", "");
        browser.wait_for("label[for=episode]", "needed");
        assert_eq!(browser.script("return episode.ariaRequired"), "true");
    });
}

#[test]
fn the_list_is_of_the_show_that_was_typed_last() {
    let world = World::new();
    Sample::without_rules(&world);
    visit(&world, Browser::start, |browser| {
        browser.open("/rules/new");
        browser.fill("#movie_title", "Akira");
        // the first answer comes after the second
        browser.script(
            "const get = window.fetch; let asked = 0; window.late = 'waiting'; \
             window.fetch = async (address) => { const turn = ++asked; const answer = await get(address); \
             if (turn === 1) { await new Promise((go) => { window.go = go; }); setTimeout(() => { window.late = 'came'; }, 300); } \
             return answer; }; \
             show_name.value = 'Naruto'; list.click(); show_name.value = 'Bleach'; list.click()",
        );
        browser.wait_for("#known", "Nobody");
        browser.wait_until("if (window.go) window.go(); return window.late", "came");
        assert!(browser.text("#known").contains("Nobody"), "the list of the show in the form stays");
    });
}

#[test]
fn a_refused_form_keeps_what_was_typed() {
    let world = World::new();
    Sample::new(&world);
    visit(&world, Browser::start, |browser| {
        browser.open("/rules/new");
        let typed = [("movie_title", "Akira"), ("tmdb_id", "many"), ("show_name", "Bleach"), ("episode", "Somebody")];
        for (field, text) in typed {
            browser.fill(&format!("#{field}"), text);
        }
        submit(browser);
        browser.wait_for("[role=alert]", "This is not a rule yet");
        for (field, text) in typed {
            assert_eq!(browser.value(&format!("#{field}")), text);
        }
        browser.wait_for("#tmdb_id-hint .mistake", "number");
        assert_eq!(browser.script("return document.activeElement.id"), "tmdb_id");
        assert_eq!(browser.count(".rule [aria-invalid]"), browser.count(".rule .field:has(.mistake)"));
        browser.fill("#tmdb_id", "");
        submit(browser);
        browser.wait_for("#episode-hint .mistake", "Somebody");
        browser.fill("#episode", "2");
        submit(browser);
        browser.wait_for(".rules", "Bleach");
        assert_eq!(browser.count(".rules tbody tr"), 3);
    });
}

#[test]
fn the_end_of_a_run_takes_nothing_that_is_being_typed() {
    let world = World::new();
    Sample::new(&world);
    visit(&world, Browser::start, |browser| {
        run_now(browser);
        browser.wait_for(".rules .state", "linked");
        browser.open("/?q=naruto&state=good");
        browser.wait_for(".filter a[aria-current]", "Linked 1");
        // as after a change, while somebody goes on
        let (behind, shut) = Fault::behind_a_door();
        world.radarr.on_next(1, "GET /api/v3/movie", Answer::status(503).with(behind));
        browser.script(
            "return fetch('/api/run', {method: 'POST', headers: {'Content-Type': 'application/json'}}).then(() => 1)",
        );
        browser.wait_in("/?q=naruto&state=good", ".strip", "A run is under way.");
        browser.script("document.getElementById('q').focus()");
        browser.fill("#q", "naruto and more");
        drop(shut);
        browser.wait_for("#now .strip", "Nothing changed");
        assert_eq!(browser.value("#q"), "naruto and more");
        assert_eq!(browser.script("return document.activeElement.id"), "q");
        assert_eq!(browser.path(), "/?q=naruto&state=good");
        browser.wait_for(".filter a[aria-current]", "Linked 1");
    });
}

#[test]
fn films_beyond_those_of_the_page_are_found_by_typing() {
    let world = World::new();
    world.series("Naruto", 78857).special(5, "The Movie");
    for number in 1..=1500 {
        world.movie(&format!("Film {number:04}"), number);
    }
    visit(&world, Browser::start, |browser| {
        browser.open("/rules/new");
        let choices = "return document.querySelectorAll('#movies option').length";
        assert_eq!(browser.script(choices), 1000);
        browser.fill("#movie_title", "film 1499");
        let there = "return [...document.querySelectorAll('#movies option')].some((one) => one.value.includes('Film 1499')) ? 'there' : ''";
        browser.wait_until(there, "there");
        assert_eq!(browser.value("#movie_title"), "film 1499");
        // all of the list is not read out, but how long it is
        let told = "return document.querySelector('#movies-count[role=status]').textContent";
        browser.wait_until(told, "1 film to choose from");
    });
}

#[test]
fn another_machine_needs_the_key() {
    let world = World::new();
    Sample::new(&world);
    world.set("PLEX_LINKER_API_KEY", "a-key-of-the-test-93ab60e5d1c7ff");
    visit(&world, Browser::start, |browser| {
        browser.come_from("192.0.2.7");
        browser.open("/rules/new");
        browser.wait_for("h1", "Log in");
        assert!(!browser.text("body").contains("Akira"));
        look_for_flaws(browser, &["/login?next=%2Frules%2Fnew"]);
        browser.fill("#key", "another one");
        browser.click(".login button");
        browser.wait_for("[role=alert]", "This is not the key.");
        browser.fill("#key", "a-key-of-the-test-93ab60e5d1c7ff");
        browser.click(".login button");
        browser.wait_for("h1", "Add a rule");
        assert_eq!(browser.path(), "/rules/new");
        assert_eq!(browser.script("return document.cookie"), "", "no script sees the cookie");
        browser.click(".brand");
        browser.wait_for(".rules", "Akira");
        browser.click(".top form button");
        browser.wait_for("h1", "Log in");
        browser.open("/");
        browser.wait_for("h1", "Log in");
    });
}

#[test]
fn it_works_without_javascript() {
    let world = World::new();
    Sample::without_rules(&world);
    visit(&world, Browser::without_javascript, |browser| {
        browser.open("/rules/new");
        browser.fill("#movie_title", "Akira");
        browser.fill("#show_name", "Naruto");
        // a form with a button for what the script would do by itself
        browser.click("#list");
        browser.wait_for(".known", "1 special of this show");
        assert_eq!(browser.value("#movie_title"), "Akira");
        browser.click("#s5");
        submit(browser);
        browser.wait_for(".notice", "The rule is there");
        run_now(browser);
        // loaded anew every some seconds
        browser.wait_for(".rules .state", "linked");
        world.assert_links(&BOTH[..1]);
        browser.click(".do a[href='/rules/1/delete']");
        browser.click("button.danger");
        browser.wait_for(".notice", "deleted");
        browser.click(".undo button");
        browser.wait_for(".notice", "there again");
        // its number is another
        browser.click("#r2");
        browser.click("#selected button");
        browser.wait_for("main", "Delete this rule?");
        browser.click("button.danger");
        browser.wait_for(".notice", "deleted");
    });
}

#[test]
fn five_hundred_rules_are_filtered_and_paged() {
    let world = World::new();
    let rules: Vec<Value> = (1..=500)
        .map(|number| json!({"movie_title": format!("Film {number}"), "tmdb_id": number, "show_name": "Naruto", "episode": number}))
        .collect();
    let file = world.state().join("rules.json");
    fs::write(&file, Value::from(rules).to_string()).unwrap();
    world.run(&["rules", "import", file.to_str().unwrap()]).succeeds();
    visit(&world, Browser::start, |browser| {
        browser.open("/");
        assert_eq!(browser.count(".rules tbody tr"), 50);
        browser.wait_for(".filter a[aria-current]", "All 500");
        browser.wait_for(".pages", "Page 1 of 10");
        let first = browser.text(".rules tbody th");
        browser.click(".pages a[rel=next]");
        browser.wait_for(".pages", "Page 2 of 10");
        assert_ne!(browser.text(".rules tbody th"), first);
        browser.fill("#q", "film 49");
        browser.click(".search button");
        browser.wait_for(".filter a[aria-current]", "All 11");
        assert_eq!(browser.count(".rules tbody tr"), 11);
        browser.click(".filter a[href*='state=waiting']");
        browser.wait_for(".filter a[aria-current]", "Waiting 11");
        assert_eq!(browser.value("#q"), "film 49");
        browser.click(".filter a[href*='state=good']");
        browser.click(".none a");
        browser.wait_for(".filter a[aria-current]", "All 500");
    });
}

const PAYLOADS: [&str; 20] = [
    "<script>window.harmed=1</script>",
    "\"><script>window.harmed=1</script>",
    "'><img src=x onerror=window.harmed=1>",
    "<svg onload=window.harmed=1>",
    "\" autofocus onfocus=window.harmed=1 x=\"",
    "</title></textarea></datalist><img src=x onerror=window.harmed=1>",
    "javascript:window.harmed=1",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "<iframe srcdoc='<script>top.harmed=1</script>'>",
    "&lt;img src=x onerror=window.harmed=1&gt;<!--",
    "<scr<script>ipt>window.harmed=1</scr</script>ipt>",
    "<ScRiPt src=data:text/javascript,window.harmed=1></ScRiPt>",
    "--><script>window.harmed=1</script><!--",
    "]]><script>window.harmed=1</script>",
    "<math><mi xlink:href=data:x onclick=window.harmed=1>x</mi></math>",
    "<details open ontoggle=window.harmed=1>x</details>",
    "<base href=//example.org/><meta http-equiv=refresh content=0;url=javascript:window.harmed=1>",
    "<form action=javascript:window.harmed=1><button autofocus formaction=javascript:window.harmed=1>x",
    "<style>@import 'data:text/css,*{color:red}'</style>",
    "\u{ff1c}script\u{ff1e}window.harmed=1\u{ff1c}/script\u{ff1e}\u{202e}'\"`",
];

#[test]
fn what_is_typed_or_told_by_the_apps_is_never_code() {
    let world = World::new();
    for (number, payload) in (1..).zip(PAYLOADS) {
        let film = world.movie("Film", number).file(&format!("movies/{number}/{number}.mkv"), "DVD");
        film.edit(|movie| movie.title = payload.into());
        let show = world.series(&format!("Show {number}"), 1000 + number).special(1, payload).special(2, "Other");
        show.edit(|series| series.title = payload.into());
        world.rule(film, show, 1);
    }
    visit(&world, Browser::start, |browser| {
        let harmless = |place: &str| {
            let ours = "return [window.harmed ?? 0, document.scripts.length, document.querySelectorAll(\
                'main :is(img, svg, iframe, math, base, style), [ontoggle], [onclick], [onload], [onerror], [onfocus], [href^=javascript]').length]";
            assert_eq!(browser.script(ours), json!([0, 1, 0]), "{place}");
        };
        // all of them are on the pages below; some are typed each time
        for payload in PAYLOADS.into_iter().step_by(campaign::size(4, 1) as usize) {
            browser.open("/rules/new");
            let fill_all = "for (const field of document.querySelectorAll('.rule input')) field.value = ";
            browser.script(&format!("{fill_all}{}", Value::from(payload)));
            submit(browser);
            browser.wait_for("[role=alert]", "This is not a rule yet");
            for field in ["movie_title", "tmdb_id", "show_name", "episode", "season", "series_id"] {
                assert_eq!(browser.value(&format!("#{field}")), payload, "{field}");
            }
            harmless(payload);
            let query: String = form_urlencoded::byte_serialize(payload.as_bytes()).collect();
            browser.open(&format!("/?q={query}&state={query}&page={query}&done={query}"));
            assert_eq!(browser.value("#q"), payload);
            harmless(payload);
        }
        run_now(browser);
        let all = PAYLOADS.len();
        browser.wait_for(".strip", &format!("{all} changes: {all} of {all} rules linked"));
        assert_eq!(browser.count(".rules tbody tr"), PAYLOADS.len());
        for page in PAGES.into_iter().chain(["/rules/5", "/rules/6/delete"]) {
            browser.open(page);
            harmless(page);
        }
    });
}

/// Texts that are too pale for their background by WCAG AA, and what does not fit the window.
const FLAWS: &str = r"
    const numbers = (color) => color.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
    const behind = (e) => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c[3] !== 0 && !(c[3] < 1)) return c; } return [255, 255, 255]; };
    const flaws = [];
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) flaws.push(`${page.scrollWidth} pixels of ${page.clientWidth}`);
    for (const e of document.querySelectorAll('.settings :is(th, .quiet)')) {
        const text = document.createRange();
        text.selectNodeContents(e);
        if (!e.innerText.includes(' ') && text.getClientRects().length > 1) flaws.push(`${e.innerText} is broken`);
    }
    for (const e of document.body.querySelectorAll('*')) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
        const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
        if ((a + .05) / (b + .05) < 4.5) flaws.push(`${e.outerHTML} has contrast ${(a + .05) / (b + .05)}`);
    }
    return flaws;";

#[test]
fn it_fits_a_phone_and_is_readable_by_day_and_night() {
    let (world, empty) = (World::new(), World::new());
    Sample::new(&world);
    let long = "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu";
    let film = world.movie(long, 7).file("movies/Long/Long.mkv", "DVD");
    world.rule(film, world.series(long, 77).special(1, long), 1);
    world.add_rule(&rules::wish("Red", 9, long, 1));
    world.run(&["once"]);
    visit(&world, Browser::start, |browser| look_for_flaws(browser, &PAGES));
    visit(&empty, Browser::start, |browser| {
        browser.open("/");
        browser.wait_for("main", "Add");
        look_for_flaws(browser, &["/"]);
    });
}

fn look_for_flaws(browser: &Browser, pages: &[&str]) {
    for (scheme, dark) in [("light", false), ("dark", true)] {
        browser.prefer(scheme);
        for page in pages {
            browser.open(page);
            for width in [360, 1200] {
                browser.resize(width, 800);
                assert_eq!(browser.script(FLAWS), json!([]), "{page}, {scheme}, {width} pixels");
            }
        }
        let paper =
            browser.script("return parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)) < 128");
        assert_eq!(paper, dark, "{scheme}");
    }
}
