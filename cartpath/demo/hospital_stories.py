"""Products that hospitals and trials make: of a donor's cells, given in parts, against neuroblastoma."""

from typing import Final

from cartpath.demo.plot import DONOR_CD19, GD2_CART01, VARNIMCABTAGENE, Plot, Step

HOSPITAL_PRODUCTS: Final = (
    Plot(
        key="donor_booked",
        reached=Step.ORDERED,
        ago=2,
        years=7.3,
        sex="female",
        product=DONOR_CD19,
        heritage="sq",
        disease_status="relapse_after_hsct",
        detail="Common B-ALL, relapse in marrow 9 months after transplant",
        treatments="after_transplant",
        slot_in=4,
    ),
    Plot(
        key="donor_whole_blood",
        reached=Step.COLLECTED,
        ago=1,
        years=9.6,
        sex="male",
        product=DONOR_CD19,
        heritage="zh",
        disease_status="relapse_after_hsct",
        detail="Common B-ALL, molecular relapse after transplant",
        treatments="after_transplant",
        whole_blood=True,
        collection_reason="50 mL of the donor's blood, as the cell factory asks; no target is stated.",
    ),
    Plot(
        key="in_three_parts",
        reached=Step.INFUSED,
        ago=3,
        years=10.4,
        sex="male",
        product=VARNIMCABTAGENE,
        heritage="es",
        toxicity="fever",
        collection_reason="No acceptance rule in the protocol; the cell laboratory took the cells.",
    ),
    Plot(
        key="neuroblastoma",
        reached=Step.STARTED,
        ago=4,
        years=5.8,
        sex="male",
        product=GD2_CART01,
        heritage="ro",
        diagnosis="neuroblastoma",
        disease_status="chemorefractory",
        detail="Stage M, MYCN not amplified; relapse in bone",
        treatments="neuroblastoma",
        washout_override="No washout is approved for this disease; 6 weeks since chemotherapy, counts seen.",
        collection_reason="The protocol states no target; the cell laboratory took the cells.",
    ),
)
