//! A special is picked from the list of its show, without a script.

use plex_linker::model::{NewRule, Rule, Season};

use super::{
    answering, on_both,
    site::{Answer, Answers, Site},
    with,
};

const FILM: &str = "Violet Evergarden: The Movie";
const SHOW: &str = "Violet Evergarden";
const LISTED: &str = "Violet Evergarden · \u{b7} ";

/// The form with these fields, after "List this show's specials".
fn listed(site: &Site, fields: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    site.get(&format!("/rules/new?{query}")).status(200)
}

/// The values that are marked.
fn marked(page: &Answer) -> Vec<String> {
    let radios = page.body.split("<input type=\"radio\"").skip(1).map(|rest| rest.split('>').next().unwrap());
    let value = |radio: &str| radio.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_string();
    radios.filter(|radio| radio.contains(" checked")).map(value).collect()
}

/// What the list says of which show it is.
fn list_of(page: &Answer) -> String {
    let hidden = page.body.split("name=\"listed\" value=\"").nth(1).unwrap();
    hidden.split('"').next().unwrap().to_string()
}

fn only(site: &Site) -> NewRule {
    let mut rules = site.db().rules().unwrap().rules;
    assert_eq!(rules.len(), 1);
    rules.remove(0).wish
}

#[test]
fn the_specials_are_listed_with_what_tells_them_apart() {
    with(&[], |site| {
        let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW)]);
        for text in ["3 specials of this show", "Extra Episode", "2020-09-18 · 140 minutes · has a file"] {
            page.shows(text);
        }
        assert_eq!(marked(&page), [""; 0], "nothing fits");
        for (typed, expected) in [("3", "3"), ("the movie", "3"), ("2 · Eternity and the Auto Memory Doll", "2")] {
            let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW), ("episode", typed)]);
            assert_eq!(marked(&page), [expected], "{typed}");
            page.shows("name=\"episode\" value=\"\"");
        }
        for typed in ["1-3", "99", "no such title"] {
            let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW), ("episode", typed)]);
            assert_eq!(marked(&page), [""; 0], "{typed}");
            page.shows(&format!("name=\"episode\" value=\"{typed}\""));
        }
    });
}

#[test]
fn the_one_that_is_marked_is_meant() {
    on_both(|site| {
        let list = list_of(&listed(site, &[("movie_title", FILM), ("show_name", SHOW)]));
        let form = [("movie_title", FILM), ("show_name", SHOW), ("listed", &list), ("picked", "3")];
        site.form("/rules", &form).leads_to("/?done=added");
        assert_eq!((only(site).episode, only(site).tvdb_id), (Some(3), Some(330_139)));

        let page = site.get("/rules/1/edit").status(200);
        assert_eq!(marked(&page), ["3"]);
        let list = list_of(&page);
        let edited = |fields: &[(&str, &str)]| {
            let all = [
                ("movie_title", FILM),
                ("tmdb_id", "533514"),
                ("tvdb_id", "330139"),
                ("season", ""),
                ("listed", &list),
            ];
            let all: Vec<_> = all.into_iter().chain(fields.iter().copied()).collect();
            site.form("/rules/1", &all)
        };
        // the list was made of the season as the rule has it
        edited(&[("show_name", SHOW), ("picked", "2")]).leads_to("/?done=changed");
        assert_eq!(only(site).episode, Some(2));
        edited(&[("show_name", SHOW), ("picked", "2"), ("episode", "7")]).leads_to("/?done=changed");
        assert_eq!(only(site).episode, Some(7), "what is typed goes before what is marked");
    });
}

#[test]
fn a_mark_in_the_list_of_another_show_is_void() {
    with(&[], |site| {
        let list = list_of(&listed(site, &[("movie_title", FILM), ("show_name", SHOW)]));
        for (show, listed) in [("One Piece", list.as_str()), (SHOW, ""), (SHOW, LISTED)] {
            let form = [("movie_title", FILM), ("show_name", show), ("listed", listed), ("picked", "3")];
            let page = site.form("/rules", &form).status(422);
            page.shows("This is not a rule yet");
        }
        assert_eq!(site.db().rules().unwrap().rules, [] as [Rule; 0]);
    });
}

#[test]
fn what_the_film_looks_like_most_is_marked_until_somebody_says_otherwise() {
    let answers = |last_episode| {
        let mut answers = Answers::sample();
        let mut best = answers.suggestions.as_ref().unwrap().list[0].clone();
        (best.episode, best.last_episode) = (2, last_episode);
        answers.season = answers.season.map(|season| Season { best: Some(best), ..season });
        answers
    };
    answering(answers(None), |site| {
        let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW)]);
        assert_eq!(marked(&page), ["2"]);
        page.shows("fits best");
        page.shows("aired on the day of the film&#39;s release");
        let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW), ("episode", "3")]);
        assert_eq!(marked(&page), ["3"]);
        page.shows("fits best");
        let list = list_of(&page);
        let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW), ("picked", "1"), ("listed", &list)]);
        assert_eq!(marked(&page), ["1"]);
    });
    // a film that was shown as several specials
    answering(answers(Some(3)), |site| {
        let page = listed(site, &[("movie_title", FILM), ("show_name", SHOW)]);
        assert_eq!(marked(&page), ["2-3"]);
        let list = list_of(&page);
        let form = [("movie_title", FILM), ("show_name", SHOW), ("listed", &list), ("picked", "2-3")];
        site.form("/rules", &form).leads_to("/?done=added");
        assert_eq!((only(site).episode, only(site).last_episode), (Some(2), Some(3)));
    });
}
