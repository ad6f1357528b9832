//! Credits add up, whatever is booked.

use proptest::prelude::*;

use super::*;

fn credit(direction: Direction, account: &str, tenths: u64, daily_cap: Option<u64>) -> Credit {
    Credit { direction, event: "CLEAN_CYCLE".to_owned(), account: account.to_owned(), tenths, daily_cap }
}

fn book(store: &mut Store, when: i64, credits: Vec<Credit>) -> Vec<u64> {
    store.record(&Step { credits, ..Step::new(at(when), None) }).unwrap().credits
}

#[test]
fn a_cap_holds_for_a_day_and_one_direction() {
    let place = Place::new();
    let mut store = place.open();
    let award = || credit(Direction::Award, "system", 100, Some(250));
    assert_eq!(book(&mut store, 0, vec![award(), award(), award(), award()]), [100, 100, 50, 0]);
    assert_eq!(book(&mut store, 86_399, vec![award()]), [0]);
    assert_eq!(book(&mut store, 86_399, vec![credit(Direction::Penalty, "system", 30, Some(250))]), [30]);
    assert_eq!(book(&mut store, 86_400, vec![award()]), [100]);
    let balance = |account: &str, tenths| Balance { account: account.to_owned(), tenths };
    assert_eq!(store.balances().unwrap(), [balance(MINT, -320), balance("system", 320)]);
    let days = store.credit_days(at(86_400)).unwrap();
    assert_eq!(
        days,
        [CreditDay {
            day: at(86_400),
            direction: Direction::Award,
            event: "CLEAN_CYCLE".to_owned(),
            account: "system".to_owned(),
            tenths: 100,
            times: 1
        }]
    );
}

#[test]
fn a_sum_that_was_tampered_with_is_found() {
    for tampering in [
        "UPDATE transfers SET tenths = tenths + 1 WHERE id = 2",
        "DELETE FROM transfers WHERE id = 1",
        "UPDATE transfer_days SET tenths = tenths + 1",
        "UPDATE transfer_days SET times = times + 1",
        "DELETE FROM transfer_days",
        "INSERT INTO transfer_days SELECT day + 1, kind, event, source, target, tenths, times FROM transfer_days",
    ] {
        let place = Place::new();
        let mut store = place.open();
        for when in 0..3 {
            book(&mut store, when, vec![credit(Direction::Award, "system", 100, None)]);
        }
        assert_eq!(store.check_credits().unwrap(), Vec::<String>::new());
        assert_eq!(place.bare().execute(tampering, []).unwrap(), 1, "{tampering}");
        assert_eq!(store.check_credits().unwrap().len(), 1, "{tampering}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn all_balances_are_zero_together_and_no_day_is_over_its_cap(
        steps in prop::collection::vec(
            (0i64..4, prop::collection::vec((any::<bool>(), 0usize..3, 0u64..400), 1..6), any::<bool>()), 1..25),
    ) {
        const CAPS: [u64; 2] = [1000, 300];
        let place = Place::new();
        let mut store = place.open();
        let accounts = ["system", "claude", "safa"];
        let mut model = std::collections::BTreeMap::new();
        let mut booked = std::collections::BTreeMap::new();
        let mut now = 0;
        for (days, credits, fails) in steps {
            now += days * 40_000;
            let day = (at(now).unix()) / 86_400;
            let mut all = Vec::new();
            for (award, account, tenths) in credits {
                let direction = if award { Direction::Award } else { Direction::Penalty };
                all.push(credit(direction, accounts[account], tenths, Some(CAPS[usize::from(!award)])));
            }
            let mut step = Step { credits: all.clone(), ..Step::new(at(now), None) };
            if fails {
                step.credits.push(credit(Direction::Award, MINT, 1, None));
                prop_assert!(store.record(&step).is_err());
                continue;
            }
            let done = store.record(&step).unwrap().credits;
            for (credit, done) in all.iter().zip(done) {
                let sum: &mut u64 = booked.entry((day, credit.direction)).or_default();
                let cap = credit.daily_cap.unwrap();
                prop_assert_eq!(done, credit.tenths.min(cap - *sum));
                *sum += done;
                let signed = i64::try_from(done).unwrap() * if credit.direction == Direction::Award { 1 } else { -1 };
                *model.entry(credit.account.clone()).or_insert(0i64) += signed;
            }
        }
        let balances = store.balances().unwrap();
        prop_assert_eq!(balances.iter().map(|balance| balance.tenths).sum::<i64>(), 0);
        for balance in balances.iter().filter(|balance| balance.account != MINT) {
            prop_assert_eq!(model.get(&balance.account).copied().unwrap_or_default(), balance.tenths);
        }
        let unbalanced: i64 = store.db.query_row(
            "SELECT count(*) FROM (SELECT transfer FROM entries GROUP BY transfer HAVING sum(tenths) <> 0 OR count(*) <> 2)",
            [], |row| row.get(0)).unwrap();
        prop_assert_eq!(unbalanced, 0);
        prop_assert_eq!(store.check_credits().unwrap(), Vec::<String>::new());
        while store.prune(&Retention::before(at(now + 1)), at(900_000_000)).unwrap().more {}
        prop_assert_eq!(store.balances().unwrap(), balances);
        prop_assert_eq!(store.check_credits().unwrap(), Vec::<String>::new());
    }
}
