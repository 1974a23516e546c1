"""The demo's journeys: some in every stage, with what happens to real children and nothing that can't."""

from typing import Final

from cartpath.demo.cast import OTHER_CENTER_CODE
from cartpath.demo.growing_up import GROWING_PLOTS
from cartpath.demo.hospital_stories import HOSPITAL_PRODUCTS
from cartpath.demo.plot import Day, Ending, Plot, Step, Waits
from cartpath.demo.slot_stories import SLOT_PLOTS

_REFERRED: Final = (
    Plot(
        key="newborn",
        reached=Step.REFERRED,
        ago=1,
        years=0.153,
        sex="female",
        size=0.83,
        urgency="emergency",
        disease_status="primary_refractory",
        detail="Infant B-ALL, KMT2A-rearranged, t(4;11)",
        treatments="infant",
        heritage="ro",
    ),
    Plot(
        key="decision_due_today",
        reached=Step.ASSESSED,
        ago=3,
        years=6.4,
        sex="male",
        unknown=frozenset({"E11", "E8", "E4"}),
        allergy="Amoxicillin",
    ),
    Plot(
        key="decision_overdue",
        reached=Step.ASSESSED,
        ago=9,
        years=11.2,
        sex="female",
        size=1.15,
        unknown=frozenset({"E12"}),
        unmet=frozenset({"E7"}),
        disease_status="relapse_after_hsct",
        detail="Common B-ALL, relapse in marrow and CNS 14 months after transplant",
        treatments="after_transplant",
        acknowledged="referral_decision",
    ),
    Plot(
        key="deferred",
        reached=Step.ASSESSED,
        ago=6,
        years=3.1,
        sex="male",
        unmet=frozenset({"E16"}),
        deferred_until_in=9,
        note="Pulmonary aspergillosis under treatment.",
    ),
)

_ACCEPTED: Final = (
    Plot(
        key="washout_open",
        reached=Step.ACCEPTED,
        ago=2,
        years=8.7,
        sex="male",
        treatments="still_running",
        waits=Waits(priority=3, reason="Stable on bridging; school exams first.", for_days=42, away_in=9),
    ),
    Plot(
        key="unknown_last_dose",
        reached=Step.ACCEPTED,
        ago=4,
        years=4.5,
        sex="female",
        treatments="unknown_last_dose",
        heritage="ar",
        snoozed="apheresis_booking",
        waits=Waits(priority=2, reason="Count of CD3+ cells is falling.", for_days=28),
    ),
    Plot(
        key="booking_overdue",
        reached=Step.ACCEPTED,
        ago=10,
        years=14.8,
        sex="male",
        size=1.12,
        waived="E8",
        is_long_name=True,
    ),
)

_PLANNED: Final = (
    Plot(key="collected_next", reached=Step.ORDERED, ago=3, years=2.3, sex="female", size=0.92, slot_in=1),
    Plot(
        key="no_washout_rule",
        reached=Step.BOOKED,
        ago=2,
        years=9.9,
        sex="female",
        treatments="no_rule",
        washout_override="Blinatumomab ended 5 weeks ago; CD3 count seen, no rule in the protocol.",
        slot_in=9,
    ),
    Plot(
        key="rebooked",
        reached=Step.ORDERED,
        ago=4,
        years=12.6,
        sex="male",
        rebooked=True,
        slot_in=5,
        booked_days=2,
        heritage="sq",
    ),
)

_COLLECTED: Final = (
    Plot(
        key="collected_yesterday",
        reached=Step.COLLECTED,
        ago=1,
        years=7.5,
        sex="female",
        treatments="steroid",
    ),
    Plot(
        key="second_round",
        reached=Step.COLLECTED,
        ago=2,
        years=5.2,
        sex="male",
        first_round_failed=True,
        days=(
            Day(tnc_e9=3.1, cd3_e9=0.7, decision="again", adverse="access_failure"),
            Day(tnc_e9=2.8, cd3_e9=0.9, adverse="hypocalcemia"),
        ),
        bags=2,
        detail="Common B-ALL, third relapse in marrow",
    ),
)

_MANUFACTURING: Final = (
    Plot(key="started", reached=Step.STARTED, ago=3, years=13.4, sex="female", size=1.1, heritage="uk"),
    Plot(
        key="below_target",
        reached=Step.HARVESTED,
        ago=2,
        years=1.6,
        sex="male",
        size=0.9,
        treatments="infant",
        days=(Day(tnc_e9=1.4, cd3_e9=0.4, decision="again"), Day(tnc_e9=1.2, cd3_e9=0.4)),
        collection_reason="A third day isn't safe at this weight; the manufacturer takes the cells.",
    ),
    Plot(
        key="deviation_waits",
        reached=Step.TESTED,
        ago=6,
        years=16.3,
        sex="male",
        size=1.17,
        deviation="waiting",
        disease_status="relapse_after_hsct",
        treatments="after_transplant",
    ),
    Plot(key="release_overdue", reached=Step.TESTED, ago=26, years=10.1, sex="female"),
)

_RELEASED: Final = (
    Plot(key="on_its_way", reached=Step.RELEASED, ago=8, years=6.8, sex="female"),
    Plot(
        key="deviation_used",
        reached=Step.RECEIVED,
        ago=3,
        years=4.1,
        sex="male",
        deviation="used",
        heritage="es",
    ),
)

_LYMPHODEPLETION: Final = (
    Plot(key="second_day", reached=Step.DEPLETED, ago=1, years=15.7, sex="female", size=1.05),
    Plot(key="infusion_waits", reached=Step.DEPLETED, ago=6, years=9.2, sex="male", heritage="zh"),
)

_ACUTE: Final = (
    Plot(key="day_1", reached=Step.INFUSED, ago=1, years=5.9, sex="female", toxicity="quiet"),
    Plot(
        key="day_4",
        reached=Step.INFUSED,
        ago=4,
        years=12.9,
        sex="male",
        toxicity="moderate",
        hours_unassessed=5,
    ),
    Plot(key="day_6", reached=Step.INFUSED, ago=6, years=3.6, sex="male", size=1.08, toxicity="severe"),
    Plot(
        key="day_10",
        reached=Step.INFUSED,
        ago=10,
        years=17.1,
        sex="female",
        toxicity="neurotoxic",
        heritage="de",
    ),
)

_FOLLOW_UP: Final = (
    Plot(
        key="day_28_today",
        reached=Step.INFUSED,
        ago=28,
        years=8.3,
        sex="female",
        toxicity="fever",
        is_monitoring_over=True,
    ),
    Plot(
        key="b_cells_back",
        reached=Step.INFUSED,
        ago=131,
        years=7.1,
        sex="male",
        toxicity="fever",
        is_monitoring_over=True,
        follow_up="b_cells_back",
    ),
    Plot(
        key="transplanted",
        reached=Step.INFUSED,
        ago=300,
        years=2.8,
        sex="female",
        size=0.94,
        toxicity="moderate",
        is_monitoring_over=True,
        follow_up="transplanted",
        left_out=frozenset({"visit_month_5"}),
    ),
    Plot(
        key="relapsed",
        reached=Step.INFUSED,
        ago=262,
        years=13.8,
        sex="male",
        toxicity="severe",
        is_monitoring_over=True,
        follow_up="relapsed",
    ),
    Plot(
        key="adult_product",
        reached=Step.INFUSED,
        ago=405,
        years=19.4,
        sex="male",
        size=1.09,
        product="brexucabtagene",
        toxicity="moderate",
        is_monitoring_over=True,
        collection_reason="No acceptance rule in the protocol; the manufacturer took the cells.",
    ),
    Plot(
        key="year_4",
        reached=Step.INFUSED,
        ago=1490,
        years=6.2,
        sex="female",
        toxicity="fever",
        is_monitoring_over=True,
        missed=frozenset({"visit_month_42"}),
    ),
    Plot(
        key="year_14",
        reached=Step.INFUSED,
        ago=5130,
        years=5.0,
        sex="male",
        toxicity="moderate",
        is_monitoring_over=True,
        left_out=frozenset({"visit_month_15", "visit_year_9"}),
    ),
)

_CLOSED: Final = (
    Plot(
        key="declined",
        reached=Step.ASSESSED,
        ago=31,
        years=15.2,
        sex="male",
        unmet=frozenset({"E4"}),
        ending=Ending(reason="declined", ago=29, note="CD19-negative relapse; another trial is looked for."),
    ),
    Plot(
        key="withdrawn",
        reached=Step.BOOKED,
        ago=24,
        years=10.6,
        sex="female",
        slot_in=-8,
        ending=Ending(reason="withdrawn", ago=18, note="The family wants treatment closer to home."),
    ),
    Plot(
        key="failed",
        reached=Step.TESTED,
        ago=40,
        years=1.2,
        sex="female",
        size=0.9,
        treatments="infant",
        deviation="abandoned",
        ending=Ending(
            reason="manufacturing_failed",
            ago=33,
            note="Too few viable cells, and no second collection possible.",
        ),
    ),
    Plot(
        key="died",
        reached=Step.INFUSED,
        ago=290,
        years=11.8,
        sex="male",
        toxicity="severe",
        is_monitoring_over=True,
        follow_up="relapsed",
        ending=Ending(reason="died", ago=48, note="Died of progressive leukemia after relapse."),
    ),
    Plot(
        key="transferred",
        reached=Step.INFUSED,
        ago=520,
        years=16.9,
        sex="female",
        is_monitoring_over=True,
        ending=Ending(reason="transferred", ago=60, note="Followed by the adult hematology of her town."),
    ),
    Plot(
        key="lost",
        reached=Step.INFUSED,
        ago=1240,
        years=9.4,
        sex="male",
        toxicity="fever",
        is_monitoring_over=True,
        missed=frozenset({"visit_month_30", "visit_month_36"}),
        ending=Ending(reason="lost_to_follow_up", ago=25, note="Moved abroad; three letters came back."),
    ),
    Plot(
        key="completed",
        reached=Step.INFUSED,
        ago=5520,
        years=7.7,
        sex="female",
        toxicity="fever",
        is_monitoring_over=True,
        ending=Ending(reason="completed", ago=12, note="Fifteen years of follow-up are complete."),
    ),
)

_OTHER_CENTER: Final = (
    Plot(
        key="see_referred",
        reached=Step.ASSESSED,
        ago=2,
        years=8.8,
        sex="female",
        center=OTHER_CENTER_CODE,
        heritage="de",
        unknown=frozenset({"E10"}),
    ),
    Plot(
        key="see_booked",
        reached=Step.ORDERED,
        ago=2,
        years=3.9,
        sex="male",
        center=OTHER_CENTER_CODE,
        heritage="de",
        slot_in=6,
    ),
)

_TO_RELEASE: Final = (*_REFERRED, *_ACCEPTED, *_PLANNED, *_COLLECTED, *_MANUFACTURING, *_RELEASED)
_FROM_RELEASE: Final = (*_LYMPHODEPLETION, *_ACUTE, *_FOLLOW_UP, *GROWING_PLOTS, *_CLOSED)

PLOTS: Final = (*_TO_RELEASE, *_FROM_RELEASE, *_OTHER_CENTER, *HOSPITAL_PRODUCTS, *SLOT_PLOTS)
